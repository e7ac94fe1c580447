// The list: all of a page at once, how many are chosen, and keys. It does all of that without script but for the keys.
import "./base.js";

const OFF = "stadtbote-keys-off";
const boxes = [...document.querySelectorAll('input[name="entry"]')];
const every = document.getElementById("every");
const chosen = document.getElementById("chosen");

function count() {
  const number = boxes.filter((box) => box.checked).length;
  chosen.textContent = number ? `(${number})` : "";
  every.checked = number === boxes.length;
  every.indeterminate = number > 0 && number < boxes.length;
}
if (every) {
  document.getElementById("every-box").hidden = false;
  every.addEventListener("change", () => {
    for (const box of boxes) box.checked = every.checked;
    count();
  });
  document.getElementById("bulk").addEventListener("change", (event) => event.target.name === "entry" && count());
  count();
}

const help = document.getElementById("help");
const off = help.querySelector("[data-keys-off]");
off.checked = localStorage.getItem(OFF) !== null;
off.addEventListener("change", () => (off.checked ? localStorage.setItem(OFF, "1") : localStorage.removeItem(OFF)));
const links = [...document.querySelectorAll(".entries tbody th a")];
const step = (by) => {
  const at = links.findIndex((link) => link.closest("tr").contains(document.activeElement));
  links[at < 0 ? (by > 0 ? 0 : links.length - 1) : at + by]?.focus();
};
const actions = {
  j: () => step(1),
  k: () => step(-1),
  x: () => document.activeElement.closest("tr")?.querySelector('input[name="entry"]')?.click(),
  n: () => document.querySelector('.page-head a[href="/console/faq/new"]')?.click(),
  "/": () => document.getElementById("q").focus(),
  "?": () => help.showModal(),
};
document.addEventListener("keydown", (event) => {
  const field = event.target.closest("input:not([type=checkbox]), select, textarea");
  if (event.key === "Escape" && field) {
    field.blur();
    document.getElementById("h-list").focus();
    return;
  }
  if (field || help.open || event.ctrlKey || event.metaKey || event.altKey || off.checked) return;
  const act = actions[event.key];
  if (!act) return;
  event.preventDefault();
  act();
});
