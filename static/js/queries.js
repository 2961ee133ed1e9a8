/* The list of queries by keyboard: J and K or the arrow keys move, Space ticks, Enter opens (as for any link). */
"use strict";

(() => {
    const STEPS = { j: 1, ArrowDown: 1, k: -1, ArrowUp: -1 };
    const TYPED = "input:not([type='checkbox']), select, textarea";

    const links = (table) => [...table.querySelectorAll("tbody th a")];

    const here = (table) => links(table).findIndex((link) => link.closest("tr").contains(document.activeElement));

    const move = (table, step) => {
        const all = links(table);
        const at = here(table);
        const aim = all[at < 0 ? (step > 0 ? 0 : all.length - 1) : at + step];
        aim?.focus();
        aim?.closest("tr").scrollIntoView({ block: "nearest" });
    };

    const tick = (table) => {
        const box = links(table)[here(table)]?.closest("tr").querySelector("[name='query']");
        if (box) box.checked = !box.checked;
        return Boolean(box);
    };

    const onKey = (event) => {
        const table = document.querySelector("[data-query-list]");
        if (!table || event.ctrlKey || event.metaKey || event.altKey || event.target.closest(TYPED)) return;
        const inList = table.contains(event.target);
        if (STEPS[event.key] && (inList || event.key.length === 1)) {
            event.preventDefault();
            move(table, STEPS[event.key]);
        } else if (event.key === " " && event.target.matches("tbody th a") && inList && tick(table)) {
            event.preventDefault();
        }
    };

    document.addEventListener("keydown", onKey);
})();
