// Sending a file with its progress; without script the same form is posted as it is. fetch() tells no progress of
// what it sends, so this is an XMLHttpRequest.
export function sendFile(form, told) {
  return new Promise((resolve) => {
    const request = new XMLHttpRequest();
    request.open("POST", form.getAttribute("action"));
    request.setRequestHeader("X-Stadtbote-Live", "act");
    request.responseType = "text";
    request.upload.addEventListener("progress", (event) => event.lengthComputable && told(event.loaded / event.total));
    request.addEventListener("loadend", () => {
      let said = {};
      if ((request.getResponseHeader("Content-Type") || "").includes("json")) said = JSON.parse(request.responseText);
      const ok = request.status >= 200 && request.status < 300;
      resolve({ ok, signedOut: request.status === 401, why: said.why || "", next: said.next || "" });
    });
    request.send(new FormData(form));
  });
}

// What is wrong with the chosen file before it travels, else "".
export function refused(form) {
  const file = form.querySelector("input[type=file]").files[0];
  return file && file.size > Number(form.dataset.largest) ? form.dataset.tooLarge : "";
}
