// What is sent: every form of the inbox goes out by itself, says beside its field what is wrong, and leads on.
import * as drafts from "./drafts.js";
import { refused, sendFile } from "./files.js";
import { visible } from "./filter.js";
import { chosen, goOn } from "./focus.js";
import { doubt, settle } from "./once.js";
import { toEnd, toLatest } from "./place.js";
import { announce, complain, words } from "./said.js";
import { post, SignedOut } from "./server.js";

const UNDONE = ["release", "transfer", "back", "resolve"]; // verbs that the line with "undo" tells of
const SPEAKING = ["reply", "send", "file", "template", "note"];
const part = (id) => document.getElementById(id);
const place = () => location.pathname + location.search;

// Where somebody is when they send, which menus are open, and what stands in the field.
function beginning(sent = "") {
  return { at: place(), menus: document.querySelectorAll("details.menu[open]"), moves: chosen(), sent };
}

// `look` fetches the page as it is now, `open` another conversation, `again` looks soon.
export function sending({ look, open, again }) {
  document.addEventListener("submit", async (event) => {
    const form = event.target;
    if (form.closest(".filter")) {
      event.preventDefault();
      visible()[0]?.click();
      return;
    }
    if ("upload" in form.dataset) {
      event.preventDefault();
      await upload(form);
      return;
    }
    if (!form.dataset.verb) return;
    event.preventDefault();
    if (form.dataset.busy) return;
    form.dataset.busy = "1";
    // A button may have an address of its own: what was typed as a reply is kept as a note.
    const verb = event.submitter?.dataset.verb ?? form.dataset.verb;
    const url = event.submitter?.getAttribute("formaction") ?? form.getAttribute("action");
    const beside = form.dataset.verb;
    const began = beginning(form.querySelector("textarea")?.value);
    complain(beside, "");
    if (verb === beside) doubt(form);
    let said;
    try {
      said = await post(url, new FormData(form, event.submitter));
    } catch (error) {
      complain(beside, error instanceof SignedOut ? words.over : form.elements.once ? words.unsent : words.failed);
      again(""); // it may have arrived
      return;
    } finally {
      delete form.dataset.busy; // the next one may go while the page looks what came of this one
    }
    if (verb === "transfer") nevertheless(said.anyway);
    if (said.ok) {
      settle(form);
      await done(verb, form, said.next, began);
    } else complain(beside, said.why || words.failed);
  });

  async function upload(form) {
    if (form.dataset.busy) return;
    const why = refused(form);
    complain("file", why);
    if (why) return;
    const bar = part("file-progress");
    const began = beginning();
    form.dataset.busy = form.dataset.kept = "1"; // a refresh must not take the chosen file away
    doubt(form);
    bar.hidden = false;
    const said = await sendFile(form, (share) => (bar.value = share));
    bar.hidden = true;
    delete form.dataset.busy;
    delete form.dataset.kept;
    if (!said.ok) {
      complain("file", said.why || (said.signedOut ? words.over : words.failed));
      return;
    }
    settle(form);
    form.reset();
    part("attach-box").open = false;
    announce(words.sent);
    await done("file", form, said.next, began);
  }

  // What was typed on since somebody sent it stays there; whoever went on to another conversation, or has opened a menu
  // meanwhile, stays there, too.
  async function done(verb, form, next, { at, menus, moves, sent }) {
    const area = form.querySelector("textarea");
    if (area) {
      drafts.spend(area, sent);
      announce(words.sent);
    }
    if (place() !== at) return look("act");
    if (verb === "note") part("note-box").open = false;
    for (const menu of menus) menu.open = false;
    if (next && next !== place()) await open(next);
    else await look("act");
    goOn(verb === "claim" || verb === "reopen" || verb === "reply" ? part("reply") : part("h-talk"), moves);
    if (UNDONE.includes(verb)) announce(document.querySelector("#undo span")?.textContent ?? "");
    if (SPEAKING.includes(verb)) toEnd();
    else toLatest();
  }
}

// Nobody of that team is here: the second choice, which a refresh of the page leaves alone.
function nevertheless(possible) {
  const button = part("anyway");
  if (!button) return;
  button.hidden = !possible;
  if (possible) button.dataset.kept = "1";
  else delete button.dataset.kept;
}
