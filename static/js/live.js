/* While a form is filled in: the server's checks answer as a field is left, days and derived values as one types;
   items come and go with the answers they hang on. Without this file all of it happens on saving. */
"use strict";

(() => {
    const form = document.querySelector("form[data-entry][data-live]");
    if (!form) return;

    const PAUSE = 350; // ms without a key before days and derived values are asked for
    const left = new Set((form.dataset.left ?? "").split(" ").filter(Boolean));
    const itemOf = (row) => row.id.slice("row-".length);
    const rowOf = (element) => element?.closest?.(".row[id^='row-']") ?? null;

    /* --- answers ------------------------------------------------------------------------------------------ */

    const controls = (item) =>
        [item, `${item}_day`, `${item}_time`].flatMap((name) => [...form.querySelectorAll(`[name="${CSS.escape(name)}"]`)]);

    const answer = (item) =>
        controls(item)
            .filter((control) => control.type !== "radio" || control.checked)
            .map((control) => control.value.trim())
            .filter(Boolean)
            .join(" ");

    /** The answer as the page shows it: the words of a choice, not its code. */
    const inWords = (item) =>
        controls(item)
            .filter((control) => control.type !== "radio" || control.checked)
            .map((control) => {
                if (control.type === "radio") return control.labels[0]?.textContent.trim() ?? control.value;
                return control.tagName === "SELECT" && control.value ? control.selectedOptions[0].text : control.value;
            })
            .filter(Boolean)
            .join(" ");

    const label = (item) => document.querySelector(`#row-${CSS.escape(item)} .row-label`)?.textContent.trim() ?? item;

    const tellOthers = (control) => {
        control.dispatchEvent(new Event("input", { bubbles: true }));
        control.dispatchEvent(new Event("change", { bubbles: true }));
    };

    const empty = (item) => {
        for (const control of controls(item)) {
            if (control.type === "radio") control.checked = false;
            else control.value = "";
            tellOthers(control);
        }
    };

    /* --- items that hang on another answer ------------------------------------------------------------------ */

    const hang = (row) => {
        const item = itemOf(row);
        const asked = JSON.parse(row.dataset.answers).includes(answer(row.dataset.onlyIf));
        const given = answer(item);
        row.toggleAttribute("data-stepped-back", !asked && !given);
        const box = row.querySelector(".unasked");
        if (!box) return;
        const outlived = !asked && Boolean(given);
        if (!outlived) delete row.dataset.kept;
        box.hidden = !outlived;
        box.querySelectorAll("button").forEach((button) => (button.hidden = Boolean(row.dataset.kept)));
        if (!outlived) return;
        const because = `${label(row.dataset.onlyIf)} is ${inWords(row.dataset.onlyIf) || "blank"}`;
        const words = `Answered ${inWords(item)}, but no longer asked: ${because}.${row.dataset.kept ? " Kept." : ""}`;
        const place = box.querySelector("[role=status]");
        if (place.textContent !== words) place.textContent = words;
    };

    const hangAll = () => form.querySelectorAll(".row[data-only-if]").forEach(hang);

    form.addEventListener("click", (event) => {
        const button = event.target.closest("[data-keep], [data-clear]");
        if (!button) return;
        const row = rowOf(button);
        if (button.matches("[data-keep]")) {
            row.dataset.kept = "yes";
            hang(row);
            controls(itemOf(row)).find((control) => control.type !== "radio" || control.checked)?.focus();
            soon(false);
        } else {
            const decisive = controls(row.dataset.onlyIf);
            empty(itemOf(row));
            (decisive.find((control) => control.checked) ?? decisive[0])?.focus();
        }
    });

    /* --- a missing code and the value that stands ------------------------------------------------------------ */

    const codeOf = (row) => row.querySelector("select[name$='__missing']");

    const tell = (row, words, gives) => {
        const box = row.querySelector(".replaces");
        box.hidden = !words;
        box.querySelector("[role=status]").textContent = words;
        box.querySelector("button").hidden = !gives;
        box.querySelector("input").disabled = !gives;
        row.toggleAttribute("data-gives-way", gives);
    };

    const onCode = (row) => {
        const code = codeOf(row);
        const value = inWords(itemOf(row));
        const gives = Boolean(code.value && value);
        tell(row, gives ? `The value ${value} will be replaced by: ${code.selectedOptions[0].text.toLowerCase()}.` : "", gives);
    };

    /** Whoever enters a value has one: the code is taken back, and that is said. */
    const onValue = (row) => {
        const code = codeOf(row);
        if (!code?.value || !answer(itemOf(row))) return;
        const words = code.selectedOptions[0].text;
        code.value = "";
        tell(row, `\u201c${words}\u201d is taken back: there is a value now.`, false);
    };

    form.addEventListener("click", (event) => {
        if (!event.target.closest("[data-take-back]")) return;
        const row = rowOf(event.target);
        codeOf(row).value = "";
        tell(row, "", false);
        row.querySelector("details.missing").open = false;
        controls(itemOf(row)).find((control) => control.type !== "radio" || control.checked)?.focus();
        tellOthers(codeOf(row));
    });

    /* --- what the server says ---------------------------------------------------------------------------------- */

    const PLACES = ".findings, .derived, .when, .passing, .why";
    const standing = () =>
        [...form.querySelectorAll(PLACES)].filter((place) => place.id && place.textContent.trim()).map((place) => place.id);

    let running = null;
    let timer = 0;
    let last = "";

    const entries = () => {
        const data = new FormData(form);
        data.set("left", [...left].join(" "));
        data.set("kept", [...form.querySelectorAll(".row[data-kept]")].map(itemOf).join(" "));
        return data;
    };

    const asText = (data) => new URLSearchParams([...data].filter(([, value]) => typeof value === "string")).toString();

    /** Ask once things have come to rest. typing: only what stands beside the answers, no finding about half a number. */
    const soon = (typing) => {
        clearTimeout(timer);
        timer = setTimeout(() => ask(typing), typing ? PAUSE : 20);
    };

    const ask = async (typing) => {
        const data = entries();
        const now = `${typing}${asText(data)}`;
        if (now === last) return;
        last = now;
        if (typing) data.set("typing", "1");
        data.set("standing", standing().join(" "));
        running?.abort();
        running = new AbortController();
        try {
            const reply = await fetch(form.dataset.live, { method: "POST", body: data, signal: running.signal });
            if (reply.ok && !reply.redirected) unpressed(await reply.text());
        } catch {
            last = ""; // out of reach, or overtaken by a later question: saving asks the same
        }
    };

    /* Nothing moves from under a pressed button: the click would be lost, or meet what has come in its place. */
    let pressed = false;
    let waiting = "";

    const unpressed = (html) => {
        if (pressed) waiting = html;
        else put(html);
    };

    const release = () => {
        pressed = false;
        if (waiting) put(waiting);
        waiting = "";
    };

    document.addEventListener("pointerdown", () => (pressed = true));
    for (const end of ["pointerup", "pointercancel"]) {
        document.addEventListener(end, () => setTimeout(release)); // after its click
    }

    /** Put the answer into its places. What is being typed stays untouched, and where one is stays where it is. */
    const put = (html) => {
        const answerParts = document.createElement("template");
        answerParts.innerHTML = html;
        const focus = document.activeElement;
        const before = focus?.getBoundingClientRect().top;
        for (const part of answerParts.content.querySelectorAll("[data-place]")) {
            const place = document.getElementById(part.dataset.place);
            if (part.querySelector(".finding.hard")) once(rowOf(place));
            if (place && !place.contains(focus) && place.innerHTML !== part.innerHTML) place.replaceChildren(...part.childNodes);
        }
        const said = answerParts.content.querySelector("[data-said]");
        if (said) hear(JSON.parse(said.dataset.said));
        recount();
        if (form.contains(focus)) window.scrollBy({ top: focus.getBoundingClientRect().top - before, behavior: "instant" });
    };

    /** What the save refused stands in the row as it was sent; where the checks say it again, or the answer is another
        one now, it goes. */
    const once = (row) => row?.querySelector(".row-control > .errorlist")?.remove();

    const hear = ({ read, changed }) => {
        for (const [name, [sent, shown]] of Object.entries(read)) {
            const control = form.elements[name];
            if (control && control !== document.activeElement && control.value === sent) control.value = shown;
        }
        askReason(changed);
    };

    /** The reason is asked for once something differs from what is saved. */
    const askReason = (changed) => {
        const section = document.getElementById("section-reason");
        const items = document.getElementById("changed-items");
        if (!section || !items) return; // a late entry's reason is asked whatever is typed
        section.toggleAttribute("data-quiet", !changed.length);
        items.textContent = changed.length ? `Changed: ${changed.join(", ")}` : "";
        document.querySelectorAll("[data-reason-place]").forEach((place) => (place.hidden = !changed.length));
    };

    /** Open points of each section, in the rail. */
    const recount = () => {
        for (const link of document.querySelectorAll(".rail a[href^='#section-']")) {
            const count = link.querySelector(".count");
            const section = document.getElementById(link.hash.slice(1));
            if (!count || !section) continue;
            const open = [...section.querySelectorAll(".row:not([data-stepped-back])")].filter((row) =>
                row.querySelector(".finding, .errorlist, [class*='is-query_']"),
            ).length;
            count.hidden = !open;
            count.querySelector("[data-open]").textContent = open;
        }
    };

    /* --- when ---------------------------------------------------------------------------------------------------- */

    form.addEventListener("input", (event) => {
        const row = rowOf(event.target);
        if (row && controls(itemOf(row)).includes(event.target)) onValue(row);
        hangAll();
        soon(true);
    });

    form.addEventListener("change", (event) => {
        const row = rowOf(event.target);
        if (row && event.target === codeOf(row)) onCode(row);
        if (row && controls(itemOf(row)).includes(event.target)) once(row);
        if (row && event.target.matches("[type=radio], select")) left.add(itemOf(row));
        hangAll();
        soon(false);
    });

    form.addEventListener("focusout", (event) => {
        const row = rowOf(event.target);
        if (!row || row.contains(event.relatedTarget)) return;
        left.add(itemOf(row));
        soon(false);
    });

    form.addEventListener("submit", () => {
        clearTimeout(timer);
        running?.abort();
    });

    hangAll();
    if (left.size) soon(false);
})();
