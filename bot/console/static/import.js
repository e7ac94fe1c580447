// An import under way: the page looks again until its job has ended.
import { fragments, SignedOut } from "./server.js";

const PAUSE = 1000; // ms

for (const line of document.querySelectorAll(".no-script")) line.hidden = true;

async function look() {
  const state = document.getElementById("state");
  if (!state || !state.dataset.wait) return;
  try {
    const fresh = (await fragments(location.href, "look")).getElementById("state");
    if (fresh && !fresh.dataset.wait) return location.reload(); // its forms need the page around them
    const bar = fresh && fresh.querySelector("progress");
    if (bar) state.querySelector("progress").value = bar.value;
    const said = fresh && fresh.querySelector("[role=status]");
    if (said && said.textContent !== state.querySelector("[role=status]").textContent)
      state.querySelector("[role=status]").textContent = said.textContent;
  } catch (error) {
    if (error instanceof SignedOut) return location.reload();
  }
  setTimeout(look, PAUSE);
}
setTimeout(look, PAUSE);
