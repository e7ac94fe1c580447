// The whole form, posted beside its own way: "act" where somebody typed, "look" where nobody asked for it.
export function post(form, url, more, how = "act", options = {}) {
  const body = new URLSearchParams(new FormData(form));
  for (const [name, value] of Object.entries(more)) body.set(name, value);
  return fetch(url, { method: "POST", body, headers: { "X-Stadtbote-Live": how }, ...options });
}
