/* Keys and small courtesies of every page. */
"use strict";

const isTyping = (element) => element.closest("input, select, textarea, [contenteditable]") !== null;

/** "/" goes to the search, unless something is being typed. */
document.addEventListener("keydown", (event) => {
    if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
    const search = document.getElementById("search");
    if (!search) return;
    event.preventDefault();
    search.focus();
    search.select();
});

/** The menu under one's name closes with Escape and with a click elsewhere. */
document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    const menu = document.querySelector("details.me[open]");
    if (!menu) return;
    menu.open = false;
    menu.querySelector("summary").focus();
});

document.addEventListener("click", (event) => {
    const menu = document.querySelector("details.me[open]");
    if (menu && !menu.contains(event.target)) menu.open = false;
});

document.addEventListener("click", (event) => {
    if (event.target.closest("[data-print]")) window.print();
});

/** What has to be mended is read out first: after a save that was refused, focus is on the summary. */
const focusErrors = (root) => root.querySelector(".errors")?.focus();

document.addEventListener("DOMContentLoaded", () => focusErrors(document));
document.addEventListener("htmx:afterSwap", (event) => focusErrors(event.target));

/** A line of the summary leads into its field, not just to its place. */
document.addEventListener("click", (event) => {
    const link = event.target.closest(".errors a[href^='#']");
    const place = link && document.getElementById(link.getAttribute("href").slice(1));
    if (!place) return;
    event.preventDefault();
    place.scrollIntoView({ block: "start" });
    const field = place.matches("input, select, textarea") ? place : place.querySelector("input, select, textarea, summary");
    field?.focus({ preventScroll: true });
});
