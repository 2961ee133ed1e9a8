/* Arrow keys move between the cells of a matrix; Enter opens, as for any link. */
"use strict";

(() => {
    const STEPS = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] };

    const linkAt = (table, row, column) => table.tBodies[0].rows[row]?.cells[column]?.querySelector("a.cell") ?? null;

    const place = (link) => [link.closest("tr").sectionRowIndex, link.closest("td").cellIndex];

    /** The next cell with a form in that direction; empty ones are passed over. */
    const next = (table, link, [down, across]) => {
        let [row, column] = place(link);
        do {
            row += down;
            column += across;
            const found = linkAt(table, row, column);
            if (found) return found;
        } while (table.tBodies[0].rows[row]?.cells[column]);
        return null;
    };

    const edge = (link, last) => {
        const links = link.closest("tr").querySelectorAll("a.cell");
        return links[last ? links.length - 1 : 0];
    };

    /** One stop for Tab in the whole matrix: the cell that was last in use. */
    const stopAt = (table, link) => {
        table.querySelectorAll("a.cell[tabindex='0']").forEach((other) => (other.tabIndex = -1));
        link.tabIndex = 0;
    };

    const go = (table, link) => {
        stopAt(table, link);
        link.focus();
        link.scrollIntoView({ block: "nearest", inline: "nearest" });
    };

    const onKey = (event) => {
        const table = event.currentTarget;
        const link = event.target.closest("a.cell");
        if (!link || event.ctrlKey || event.metaKey || event.altKey) return;
        table.classList.toggle("hush", event.key === "Escape");
        const aim = STEPS[event.key]
            ? next(table, link, STEPS[event.key])
            : { Home: edge(link, false), End: edge(link, true) }[event.key];
        if (!aim) return;
        event.preventDefault();
        go(table, aim);
    };

    const start = (table) => {
        const links = [...table.querySelectorAll("a.cell")];
        if (!links.length || table.dataset.ready) return;
        table.dataset.ready = "yes";
        links.forEach((link) => (link.tabIndex = -1));
        stopAt(table, links[0]);
        table.addEventListener("keydown", onKey);
        table.addEventListener("focusin", (event) => event.target.matches("a.cell") && stopAt(table, event.target));
        table.addEventListener("pointermove", () => table.classList.remove("hush"));
    };

    const startAll = () => document.querySelectorAll("table.matrix").forEach(start);
    document.addEventListener("DOMContentLoaded", startAll);
    document.addEventListener("htmx:afterSwap", startAll);
})();
