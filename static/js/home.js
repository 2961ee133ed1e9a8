/* Alt+N on a home page: to the first line of its lists. On a form it is the subject's next form (keys.js). */
"use strict";

document.addEventListener("keydown", (event) => {
    if (!event.altKey || event.ctrlKey || event.metaKey || event.code !== "KeyN") return;
    const next = document.querySelector("a[data-first-line]");
    if (!next) return;
    event.preventDefault();
    next.click();
});
