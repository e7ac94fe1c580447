// Where the transcript stands. It opens at the citizen's last words, not below them at what the machine said since; who
// reads at its end stays there when lines or pictures come; who has scrolled is left where they are.
const box = () => document.getElementById("transcript");
let how = null; // "latest" or "end" while it follows
let placed = 0; // where we put it: anywhere else, somebody scrolled

function move(to) {
  const shown = box();
  if (!shown) return;
  how = to;
  const latest = [...shown.querySelectorAll(".line.citizen")].at(-1);
  const from = latest ? latest.getBoundingClientRect().top - shown.getBoundingClientRect().top + shown.scrollTop - 8 : Infinity;
  shown.scrollTop = to === "latest" ? Math.min(from, shown.scrollHeight) : shown.scrollHeight;
  placed = shown.scrollTop;
}

export const toLatest = () => move("latest");
export const toEnd = () => move("end");

// Before something changes: somebody may have scrolled, and no event has said so yet.
export function notePlace() {
  const shown = box();
  if (!shown || Math.abs(shown.scrollTop - placed) < 2) return;
  how = shown.scrollHeight - shown.scrollTop - shown.clientHeight < 40 ? "end" : null;
}

// After something changed: on with it, unless its reader is elsewhere.
export function keepPlace() {
  if (how) move(how);
}

document.addEventListener("scroll", (event) => event.target === box() && notePlace(), true);
// Pictures come later than their lines, and are higher than the place kept for them.
document.addEventListener("load", (event) => event.target.closest?.("#transcript") && keepPlace(), true);
