// Keys for the editor. Single letters work only outside of fields, and can be switched off in the help (?).
const OFF = "stadtbote-keys-off";

export function keys(form) {
  const help = document.getElementById("help");
  const off = help.querySelector("[data-keys-off]");
  off.checked = localStorage.getItem(OFF) !== null;
  off.addEventListener("change", () => (off.checked ? localStorage.setItem(OFF, "1") : localStorage.removeItem(OFF)));
  document.getElementById("keys-hint").hidden = false;

  const press = (id) => form.requestSubmit(document.getElementById(id));
  const actions = {
    k: () => turn([...document.querySelectorAll('input[name="channel"]')], (radio) => radio.checked)?.click(),
    t: () => {
      const next = turn([...form.querySelectorAll("details.translation")], (details) => details.open);
      if (!next) return;
      next.open = true;
      next.querySelector("summary").focus();
    },
    v: () => document.querySelector('input[name="channel"]:checked').focus(),
    "?": () => help.showModal(),
  };

  document.addEventListener("keydown", (event) => {
    const command = event.ctrlKey || event.metaKey;
    if (command && event.key.toLowerCase() === "s" && !event.shiftKey && !event.altKey) {
      event.preventDefault();
      press("save");
      return;
    }
    if (command && event.key === "Enter") {
      event.preventDefault();
      press("submit");
      return;
    }
    const field = event.target.closest("input:not([type=radio], [type=checkbox]), textarea, select");
    if (event.key === "Escape" && field && !help.open) {
      field.blur();
      document.getElementById("h-entry").focus();
      return;
    }
    if (field || help.open || command || event.altKey || off.checked) return;
    const act = actions[event.key];
    if (!act) return;
    event.preventDefault();
    act();
  });

  // The one after the current one, the first after the last.
  function turn(all, is) {
    return all[(all.findIndex(is) + 1) % all.length];
  }
}
