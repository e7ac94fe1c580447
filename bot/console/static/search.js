// Keys of the search page: / to the field, j and k through what was found; Enter on a result opens it, as on any link.
import "./base.js";

const OFF = "stadtbote-keys-off";

document.addEventListener("keydown", (event) => {
  const field = document.getElementById("q");
  const hits = [...document.querySelectorAll(".hit")];
  const at = hits.indexOf(document.activeElement);
  if (event.key === "ArrowDown" && event.target === field) hits[0]?.focus();
  else if (event.key === "Escape" && event.target === field) field.blur();
  else if (event.target.closest("input, textarea, select") || event.ctrlKey || event.metaKey || event.altKey) return;
  else if (localStorage.getItem(OFF) !== null) return;
  else if (event.key === "/") field.select();
  else if (event.key === "j") hits[at + 1]?.focus();
  else if (event.key === "k" && at > 0) hits[at - 1].focus();
  else if (event.key === "k" && at === 0) field.focus();
  else return;
  event.preventDefault();
});
