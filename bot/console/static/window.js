// The messenger's window in the composer, counting down: the server says how many seconds are left, this says them on.
const TICK = 1000; // ms

export function countDown(over) {
  let known = null;
  let end = 0;
  setInterval(() => {
    const shown = document.getElementById("window");
    if (!shown?.dataset.left || shown.dataset.left === "0") return;
    const id = document.getElementById("conversation").dataset.id;
    const fresh = `${id} ${shown.dataset.left}`;
    if (known !== fresh) {
      known = fresh;
      end = Date.now() + Number(shown.dataset.left) * 1000;
    }
    const left = (end - Date.now()) / 1000;
    if (left <= 0) return over(); // the server closes the composer
    const said = shown.dataset.said.replace("{span}", span(left, shown.dataset));
    if (shown.textContent !== said) shown.textContent = said;
  }, TICK);
}

// As the server says a span, but for the last minutes, which go by the second.
function span(seconds, units) {
  const minutes = Math.floor(seconds / 60);
  if (minutes < 5) return `${minutes}:${String(Math.floor(seconds % 60)).padStart(2, "0")}`;
  const [hours, rest] = [Math.floor(minutes / 60), minutes % 60];
  if (hours >= 24) return units.days.replace("{n}", Math.floor(hours / 24));
  const some = [hours && units.hours.replace("{n}", hours), (rest || !hours) && units.minutes.replace("{n}", rest)];
  return some.filter(Boolean).join(" ");
}
