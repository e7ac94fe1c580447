// Something that is done again and again: at once when it was long ago, else `gap` ms after it last began, and never
// twice at the same time. `soon(within)` wants it done within so many ms; who asks meanwhile is served by the same.
export function paced(gap, work) {
  let timer = 0;
  let at = 0;
  let free = 0;
  let busy = false;
  let again = false;

  function soon(within = 0) {
    const now = performance.now();
    const when = Math.max(now + within, free);
    if (timer && at <= when) return;
    clearTimeout(timer);
    at = when;
    timer = setTimeout(run, when - now);
  }

  async function run() {
    timer = 0;
    again = busy;
    if (busy) return;
    busy = true;
    free = performance.now() + gap;
    await work();
    busy = false;
    if (again) soon();
  }

  return soon;
}
