// On every page of somebody signed in: drafts stay on this computer only as long as their writer does.
import "./here.js";
import "./idle.js";
import { forgetAll, forgetOld } from "./drafts.js";

forgetOld();
for (const form of document.querySelectorAll('form[action="/console/logout"]')) {
  form.addEventListener("submit", forgetAll);
}
// One open menu at a time, and Escape closes it.
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    menu.open = false;
    menu.querySelector("summary").focus();
    event.preventDefault(); // the page's own keys leave it at that
  }
});
document.addEventListener("click", (event) => {
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    if (!menu.contains(event.target)) menu.open = false;
  }
});
