// Keys for everything. Single letters work only outside of fields, and can be switched off in the help (?).
const OFF = "stadtbote-keys-off";
const help = document.getElementById("help");
const part = (id) => document.getElementById(id);

export function listen({ visible, open, busy }) {
  const off = help.querySelector("[data-keys-off]");
  off.checked = localStorage.getItem(OFF) !== null;
  off.addEventListener("change", () => (off.checked ? localStorage.setItem(OFF, "1") : localStorage.removeItem(OFF)));

  document.addEventListener("keydown", (event) => {
    const field = event.target.closest("input, textarea, select");
    if ((event.ctrlKey || event.metaKey) && event.key === "Enter" && field?.form?.dataset.verb) {
      event.preventDefault();
      field.form.requestSubmit();
      return;
    }
    if (event.key === "Escape" && field && !event.defaultPrevented) {
      field.blur();
      part("h-talk")?.focus();
      return;
    }
    if (field || help.open || event.ctrlKey || event.metaKey || event.altKey || off.checked) return;
    const act = actions[event.key];
    if (act && act(event) !== false) event.preventDefault();
  });

  const actions = {
    j: () => step(1),
    k: () => step(-1),
    w: () => go(visible().find((item) => item.matches(".waiting"))), // the most urgent one
    m: () => go(visible().find((item) => item.matches(".mine:not([aria-current])") && item.querySelector(".new"))),
    Enter: claim,
    r: () => part("reply")?.focus(),
    n: () => {
      const box = part("note-box");
      if (!box) return;
      box.open = true;
      part("note").focus();
    },
    e: () => press("e"),
    o: () => {
      press("o");
      document.querySelector("#outcomes[open] button")?.focus();
    },
    u: () => press("u"),
    b: () => press("b"),
    t: () => {
      press("t");
      document.querySelector("#pass-on[open] select")?.focus();
    },
    1: () => press("1"),
    2: () => press("2"),
    3: () => press("3"),
    "/": () => part("q").focus(),
    s: () => document.querySelector('nav a[href="/console/search"]')?.click(),
    "?": () => help.showModal(),
  };

  function step(by) {
    const items = visible();
    const at = items.findIndex((item) => item.hasAttribute("aria-current"));
    return go(items[at < 0 ? (by > 0 ? 0 : items.length - 1) : at + by]);
  }

  function go(item) {
    if (!item) return;
    for (const other of visible()) other.removeAttribute("aria-current");
    item.setAttribute("aria-current", "true");
    item.focus();
    open(item.getAttribute("href"));
  }

  // Enter on a control is that control's; on the chosen row, or on nothing, it claims.
  function claim(event) {
    const control = event.target.closest("a, button, summary");
    if (control && !(control.matches(".item") && control.hasAttribute("aria-current"))) return false;
    return press("Enter");
  }

  // Not while the next conversation is on its way: the buttons are still the last one's.
  function press(key) {
    if (busy()) return true;
    const control = document.querySelector(`[data-key="${key}"]`);
    if (!control) return false;
    control.click();
    return true;
  }
}
