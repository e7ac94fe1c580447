// On pages without a stream of their own: the line by which this clerk is here. One page of the browser holds it.
import { follow } from "./stream.js";

const url = document.body.dataset.here;
const streams = document.querySelector("main[data-live]");

function hold() {
  return new Promise(() => follow(url, { look() {}, beat() {}, over() {} })); // until the page goes
}
// Whoever goes away comes back to what is open now, which scripts may have changed.
document.querySelector("#presence form")?.addEventListener("submit", (event) => {
  event.target.elements.next.value = location.pathname + location.search;
});
if (url && !streams) {
  if (navigator.locks) navigator.locks.request("stadtbote-here", hold);
  else hold();
}
