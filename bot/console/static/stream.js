// The page's stream of server-sent events, which outlives sleep, restarts and lost connections: a line that is silent
// for long is dead, whatever the browser believes, and one that was refused is asked for again.
const SILENT = 45_000; // ms; the server says something every 15 s
const LOOK = 5000; // ms between two looks at it

// `events`: what to do by an event's name; "lost" when the line is cut. After "over" nothing more comes.
export function follow(url, { lost, over, ...events }) {
  let source;
  let heard;

  function connect() {
    source?.close();
    source = new EventSource(url);
    heard = Date.now();
    for (const [name, act] of Object.entries(events)) {
      source.addEventListener(name, (event) => {
        heard = Date.now();
        act(event);
      });
    }
    source.addEventListener("error", () => lost?.());
    source.addEventListener("over", () => {
      source.close();
      clearInterval(watch);
      removeEventListener("online", connect);
      over();
    });
  }

  const watch = setInterval(() => Date.now() - heard > SILENT && connect(), LOOK);
  addEventListener("online", connect); // at once, not when the browser next tries
  connect();
}
