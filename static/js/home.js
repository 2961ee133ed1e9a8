/* Alt+N on a home page: to the next form that is due. On a form the same key is that form's own (keys.js). */
"use strict";

document.addEventListener("keydown", (event) => {
    if (!event.altKey || event.ctrlKey || event.metaKey || event.code !== "KeyN") return;
    const next = document.querySelector("a[data-next-due]");
    if (!next) return;
    event.preventDefault();
    next.click();
});
