/* Keys of a form: the subject's next form, why there is no value, the next finding; "?" says what the keys do. */
"use strict";

(() => {
    const form = document.querySelector("form[data-entry]");
    const help = document.getElementById("keys-help");
    const next = document.querySelector("a[data-next]");
    if (!form) return;

    const state = () => new URLSearchParams([...new FormData(form)].filter(([, value]) => typeof value === "string")).toString();
    const begun = state();

    const goOn = () => {
        const unsaved = Boolean(form.dataset.left) || state() !== begun;
        if (!unsaved) return next?.click();
        form.requestSubmit(form.querySelector("button[name=save_and_next]") ?? form.querySelector("button[data-save]"));
    };

    const missing = () => {
        const row = document.activeElement?.closest(".row");
        const details = row?.querySelector("details.missing");
        if (!details) return;
        if (details.contains(document.activeElement)) {
            const fields = row.querySelectorAll(".row-line > :not(details) input, .row-line > input, .row-line > textarea, .row-line > select");
            const field = [...fields].find((found) => found.tabIndex >= 0 && (found.type !== "radio" || found.checked)) ?? fields[0];
            field?.focus();
            return;
        }
        details.open = true;
        details.querySelector("select").focus();
    };

    const confirmNext = () => {
        const fields = [...form.querySelectorAll(".confirm input")].filter((field) => field.checkVisibility());
        const here = document.activeElement;
        const after = fields.find((field) => here.compareDocumentPosition(field) & Node.DOCUMENT_POSITION_FOLLOWING);
        (after ?? fields[0])?.focus();
    };

    const ALT = { KeyN: goOn, KeyM: missing, KeyC: confirmNext };

    document.addEventListener("keydown", (event) => {
        if (!event.altKey || event.ctrlKey || event.metaKey || !ALT[event.code]) return;
        event.preventDefault();
        ALT[event.code]();
    });

    const isText = (element) => element.matches("input:not([type=radio], [type=checkbox]), textarea, [contenteditable]");

    document.addEventListener("keydown", (event) => {
        if (event.key !== "?" || event.ctrlKey || event.metaKey || event.altKey || isText(event.target) || help?.open) return;
        event.preventDefault();
        help?.showModal();
    });

    document.addEventListener("click", (event) => {
        if (event.target.closest("[data-keys-help]")) help?.showModal();
        else if (event.target === help) help.close(); // beside the window
    });
})();
