// Talking to the server. "look" is what nobody asked for (a refresh, a sign of life); "act" is what somebody did.
export const HEADER = "X-Stadtbote-Live";
const PATIENCE = 20_000; // ms; a connection that was lost without a word would wait for ever

export class SignedOut extends Error {}

// The fresh parts of the page: all, "list" or "talk". `had` is the tag of the list that this page has: rows that stand
// there already come without their words.
export async function fragments(url, how, part = "", had = "") {
  const headers = { [HEADER]: how };
  if (part) headers["X-Stadtbote-Part"] = part;
  if (had) headers["X-Stadtbote-Have"] = had;
  const response = await fetch(url, { headers, signal: AbortSignal.timeout(PATIENCE) });
  if (response.status === 401) throw new SignedOut();
  if (!response.ok) throw new Error(String(response.status));
  const fresh = new DOMParser().parseFromString(await response.text(), "text/html");
  fresh.had = had;
  return fresh;
}

export async function post(url, data, how = "act") {
  const signal = AbortSignal.timeout(PATIENCE);
  const body = new URLSearchParams(data);
  const response = await fetch(url, { method: "POST", body, headers: { [HEADER]: how }, signal });
  if (response.status === 401) throw new SignedOut();
  const said = (response.headers.get("Content-Type") || "").includes("json") ? await response.json() : {};
  return { ok: response.ok, why: said.why || "", next: said.next || "", anyway: Boolean(said.anyway) };
}
