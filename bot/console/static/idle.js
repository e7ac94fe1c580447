// Whoever moves, types or clicks is at their desk. Said once a minute at most; who is silent for long counts as away.
import { post } from "./server.js";

const AGAIN = 60_000; // ms
const FAILED = 5000; // ms until it is said again, where there was no connection
const KINDS = ["pointerdown", "pointermove", "keydown", "wheel", "touchstart"];
const csrf = document.querySelector('#presence input[name="csrf"]')?.value;
let told = Date.now(); // opening the page said so

async function touched() {
  if (Date.now() - told < AGAIN) return;
  told = Date.now();
  try {
    await post("/console/presence/active", { csrf }, "look");
  } catch {
    told = Date.now() - AGAIN + FAILED;
  }
}
if (csrf) for (const kind of KINDS) addEventListener(kind, touched, { passive: true, capture: true });
