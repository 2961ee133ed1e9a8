/* Long lists are searched while one types (WAI-ARIA combobox with aria-activedescendant). A select stays a select where
   no script runs, and on touch screens, whose own lists are better. */
"use strict";

(() => {
    const MOST = 60; // options shown at once; typing narrows them

    const words = (text) => text.toLocaleLowerCase().split(/\s+/).filter(Boolean);
    const fits = (text, typed) => words(typed).every((word) => text.toLocaleLowerCase().includes(word));

    const make = (tag, attributes) => {
        const element = document.createElement(tag);
        for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
        return element;
    };

    /** field: the input that is typed in. options: [{value, text}]. choose(option) takes one; settle() on leaving. */
    const combobox = (field, options, choose, settle) => {
        const list = make("ul", { role: "listbox", id: `${field.id}-list`, class: "combobox-list", hidden: "" });
        const count = make("span", { role: "status", class: "unseen" });
        let shown = [];
        let active = -1;
        let typed = false;

        for (const [name, value] of Object.entries({
            role: "combobox", autocomplete: "off", "aria-autocomplete": "list", "aria-expanded": "false", "aria-controls": list.id,
        })) field.setAttribute(name, value);
        list.setAttribute("aria-label", field.labels?.[0]?.textContent.trim() || "Answers");
        field.after(list, count);

        const mark = (index) => {
            list.children[active]?.setAttribute("aria-selected", "false");
            active = index;
            const option = list.children[active];
            option?.setAttribute("aria-selected", "true");
            option?.scrollIntoView({ block: "nearest" });
            if (option) field.setAttribute("aria-activedescendant", option.id);
            else field.removeAttribute("aria-activedescendant");
        };

        const open = () => {
            const all = options.filter((option) => !typed || fits(option.text, field.value));
            shown = all.slice(0, MOST);
            list.replaceChildren(
                ...shown.map((option, index) => {
                    const item = make("li", { role: "option", id: `${list.id}-${index}`, "aria-selected": "false" });
                    item.textContent = option.text;
                    return item;
                }),
            );
            // Where all is typed there is nothing left to choose, and nothing lies over the next row.
            list.hidden = !shown.length || (shown.length === 1 && shown[0].text === field.value);
            field.setAttribute("aria-expanded", String(!list.hidden));
            count.textContent = all.length ? `${all.length} of ${options.length}` : "Nothing fits";
            mark(typed && shown.length ? 0 : shown.findIndex((option) => option.text === field.value));
        };

        const close = () => {
            list.hidden = true;
            field.setAttribute("aria-expanded", "false");
            mark(-1);
            typed = false;
        };

        const take = (index) => {
            choose(shown[index]);
            close();
        };

        const KEYS = {
            ArrowDown: () => (list.hidden ? open() : mark(Math.min(active + 1, shown.length - 1))),
            ArrowUp: () => (list.hidden ? open() : mark(Math.max(active - 1, 0))),
            PageDown: () => !list.hidden && mark(Math.min(active + 8, shown.length - 1)),
            PageUp: () => !list.hidden && mark(Math.max(active - 8, 0)),
        };

        field.addEventListener("input", () => {
            typed = true;
            open();
        });
        field.addEventListener("keydown", (event) => {
            if (event.altKey || event.ctrlKey || event.metaKey || event.isComposing) return;
            if (KEYS[event.key]) {
                event.preventDefault();
                KEYS[event.key]();
            } else if (!list.hidden && event.key === "Enter" && active >= 0) {
                event.preventDefault();
                event.stopPropagation();
                take(active);
            } else if (!list.hidden && event.key === "Escape") {
                event.preventDefault();
                event.stopPropagation();
                close();
                settle();
            } else if (!list.hidden && event.key === "Tab" && typed && active >= 0) {
                take(active);
            }
        });
        field.addEventListener("click", () => (list.hidden ? open() : close()));
        field.addEventListener("blur", () => {
            close();
            settle();
        });
        list.addEventListener("pointerdown", (event) => {
            event.preventDefault(); // focus stays in the field
            const item = event.target.closest("li");
            if (item) take([...list.children].indexOf(item));
        });
    };

    const tellOthers = (control) => {
        control.dispatchEvent(new Event("input", { bubbles: true }));
        control.dispatchEvent(new Event("change", { bubbles: true }));
    };

    const overSelect = (select) => {
        const options = [...select.options].filter((option) => option.value).map(({ value, text }) => ({ value, text }));
        const field = make("input", { type: "text", id: `${select.id}-search`, class: "combobox-input", spellcheck: "false" });
        const wrapper = make("div", { class: "combobox" });
        const show = () => (field.value = select.value ? select.selectedOptions[0].text : "");

        select.before(wrapper);
        wrapper.append(field);
        for (const label of [...select.labels]) label.htmlFor = field.id;
        for (const name of ["aria-describedby", "aria-invalid"])
            if (select.hasAttribute(name)) field.setAttribute(name, select.getAttribute(name));
        select.classList.add("unseen");
        select.tabIndex = -1;
        select.setAttribute("aria-hidden", "true");
        show();

        const choose = (option) => {
            if (select.value === option.value) return show();
            select.value = option.value;
            tellOthers(select);
        };
        combobox(field, options, choose, () => {
            const typed = field.value.trim();
            const same = options.find((option) => option.text.toLocaleLowerCase() === typed.toLocaleLowerCase());
            if (same) choose(same);
            else if (!typed && select.value) {
                select.value = "";
                tellOthers(select);
            }
            show(); // what is no answer of the list gives way to the answer that stands
        });
        select.addEventListener("change", show);
        // The typing itself is no answer: only the select speaks to the rest of the page.
        field.addEventListener("input", (event) => event.stopPropagation());
        field.addEventListener("change", (event) => event.stopPropagation());
    };

    /** A text with known answers: the browser's own list gives way to ours, which is searched by any word. */
    const overText = (field) => {
        const options = [...(field.list?.options ?? [])].map(({ value }) => ({ value, text: value }));
        field.removeAttribute("list");
        const wrapper = make("div", { class: "combobox" });
        field.before(wrapper);
        wrapper.append(field);
        const choose = (option) => {
            field.value = option.value;
            tellOthers(field);
        };
        combobox(field, options, choose, () => {
            const typed = field.value.trim().toLocaleLowerCase();
            const same = options.find((option) => option.text.toLocaleLowerCase() === typed);
            if (same && same.value !== field.value) choose(same);
        });
    };

    if (matchMedia("(pointer: coarse)").matches) return;
    document.querySelectorAll("select[data-combobox]").forEach(overSelect);
    document.querySelectorAll("input[data-combobox]").forEach(overText);
})();
