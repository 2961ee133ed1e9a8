/* Behaviour of data entry: forms marked with data-entry. Without this file they save just the same. */
"use strict";

(() => {
    const ENTRY = "form[data-entry]";
    const changed = new WeakSet();
    const TEXT = "input:not([type=radio], [type=checkbox], [type=submit], [type=button], [type=file])";

    const stops = (form) =>
        [...form.querySelectorAll("input, select, textarea, button, summary")].filter(
            (element) =>
                !element.disabled && element.type !== "hidden" && element.tabIndex >= 0 && element.checkVisibility(),
        );

    /** Of a group of radio buttons the chosen one is the stop, or the first. */
    const isStop = (element, all) => {
        if (element.type !== "radio") return true;
        const group = all.filter((other) => other.name === element.name);
        return element === (group.find((other) => other.checked) ?? group[0]);
    };

    /** Enter moves on to the next field: a half-filled form is never saved by accident. */
    const moveOn = (field) => {
        const found = stops(field.form).filter((element) => element.tagName !== "SUMMARY");
        const all = found.filter((element) => isStop(element, found));
        const next = all[all.indexOf(field) + 1];
        next?.focus();
        if (next?.matches(TEXT)) next.select();
    };

    const say = (form, words) => {
        const place = form.querySelector(".save-state");
        if (place) place.textContent = words;
    };

    const entryForm = (element) => element.closest?.(ENTRY) ?? null;

    document.addEventListener("keydown", (event) => {
        if (event.key !== "Enter" || event.isComposing || !event.target.matches(TEXT)) return;
        if (!entryForm(event.target)) return;
        event.preventDefault();
        moveOn(event.target);
    });

    /** Ctrl+S (or Cmd+S) presses the form's first submit button. */
    document.addEventListener("keydown", (event) => {
        if (event.key.toLowerCase() !== "s" || !(event.ctrlKey || event.metaKey) || event.altKey) return;
        const form = entryForm(event.target) ?? document.querySelector(ENTRY);
        if (!form) return;
        event.preventDefault();
        form.requestSubmit(form.querySelector("button[data-save]") ?? undefined);
    });

    document.addEventListener("input", (event) => {
        const form = entryForm(event.target);
        if (!form || changed.has(form)) return;
        changed.add(form);
        say(form, "Changes not saved yet");
    });

    document.addEventListener("submit", (event) => {
        if (!event.target.matches(ENTRY)) return;
        changed.delete(event.target);
        say(event.target, "Saving\u2026");
    });

    window.addEventListener("beforeunload", (event) => {
        const unsaved = [...document.querySelectorAll(ENTRY)].some((form) => changed.has(form));
        if (unsaved) event.preventDefault();
    });

    /** Findings, and the day beside a date, belong to their field for those who hear the page, too. */
    const describe = (row) => {
        const places = row.querySelectorAll(".findings[id], .when[id]");
        const fields = row.querySelectorAll(
            ".row-line > input, .row-line > select, .row-line > textarea, .combobox > input, [role=radiogroup]",
        );
        for (const field of fields) {
            const named = new Set((field.getAttribute("aria-describedby") ?? "").split(" ").filter(Boolean));
            for (const place of places) named.add(place.id);
            if (named.size) field.setAttribute("aria-describedby", [...named].join(" "));
        }
    };

    document.addEventListener("DOMContentLoaded", () => document.querySelectorAll(".row").forEach(describe));
})();
