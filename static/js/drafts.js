/* What is typed into a form is kept on the server as one types (form[data-drafts]), and in this window's session
   storage only while the server cannot be reached. The server offers it again; nothing is ever filled in unasked. */
"use strict";

(() => {
    const PAUSE = 1500; // ms after the last key
    const AGAIN = 5000; // ms until the next try where the server was not reached
    const PATIENCE = 8000; // ms for an answer
    const LONGEST = 60_000; // characters that a browser still sends after the page has gone
    const HELD = "cradle-draft:";
    const NOT_TYPED = ["csrfmiddlewaretoken", "version", "submission", "seen"];
    const keepers = new Map();

    /* The cookie, not the page's field: whoever signed in again in another window has a new one. */
    const token = () => document.cookie.match(/(?:^|; )csrftoken=([^;]+)/)?.[1] ?? "";

    /** "kept"; "saved" (by now); "refused" (asking again would not help); "signed out"; "not reached". */
    const post = async (url, draft) => {
        const body = new URLSearchParams(draft);
        const headers = { "X-CSRFToken": token() };
        const keepalive = body.toString().length < LONGEST;
        const options = { method: "POST", redirect: "manual", headers, body, keepalive };
        try {
            const answer = await fetch(url, { ...options, signal: AbortSignal.timeout(PATIENCE) });
            if (answer.type === "opaqueredirect") return "signed out";
            if (answer.ok) return (await answer.json()).kept ? "kept" : "saved";
            return answer.status < 500 ? "refused" : "not reached";
        } catch {
            return "not reached";
        }
    };

    /* --- in this window, while the server cannot be reached ----------------------------------------------- */

    const hold = (url, draft) => sessionStorage.setItem(HELD + draft.address, JSON.stringify({ url, draft }));
    const letGo = (address) => sessionStorage.removeItem(HELD + address);
    const held = () => Object.keys(sessionStorage).filter((key) => key.startsWith(HELD));

    /** What an earlier page of this window could not send; then the form's page is opened anew, with the offer. */
    const sendHeld = async () => {
        for (const key of held()) {
            const { url, draft } = JSON.parse(sessionStorage.getItem(key));
            if ([...keepers.values()].some((keeper) => keeper.address === draft.address && keeper.isFailing())) continue;
            const outcome = await post(url, draft);
            if (outcome === "not reached") {
                setTimeout(sendHeld, AGAIN);
                return;
            }
            if (outcome === "signed out") return;
            sessionStorage.removeItem(key);
            const keeper = [...keepers.values()].find((one) => one.address === draft.address);
            const isUntouched = keeper && !keeper.isTyped() && !document.querySelector(".errors");
            if (outcome === "kept" && isUntouched) location.assign(draft.address);
        }
    };

    /* --- as one types --------------------------------------------------------------------------------------- */

    const entriesOf = (form) => {
        const found = {};
        for (const control of form.elements) {
            if (!control.name || control.disabled || control.matches("button") || NOT_TYPED.includes(control.name)) continue;
            if (control.matches("[type=radio], [type=checkbox]") && !control.checked) found[control.name] ??= "";
            else found[control.name] = control.value;
        }
        return found;
    };

    const hidden = (form, name) => form.querySelector(`input[type=hidden][name=${name}]`)?.value ?? "";

    const watch = (form) => {
        const url = form.dataset.drafts;
        const address = form.getAttribute("action");
        const atFirst = entriesOf(form);
        const line = form.querySelector(".draft-line") ?? document.createElement("p");
        let unsent = false; // something was typed that the server does not have
        let typed = false;
        let failing = false;
        let stopped = false; // the form itself is on its way
        let sending = null;
        let timer = 0;

        const draft = () => ({
            address,
            user: form.dataset.user,
            version: hidden(form, "version"),
            submission: hidden(form, "submission"),
            entries: JSON.stringify(entriesOf(form)),
        });

        const changed = () => {
            const now = entriesOf(form);
            return Object.keys(now).filter((name) => now[name] !== (atFirst[name] ?? "")).length;
        };

        const say = (words, link) => {
            line.replaceChildren(words);
            if (!link) return;
            const anchor = document.createElement("a");
            anchor.href = address;
            anchor.textContent = link;
            line.append(" ", anchor);
        };

        const sayKept = () => {
            const now = new Date();
            const two = (number) => String(number).padStart(2, "0");
            say(`Kept as a draft at ${two(now.getHours())}:${two(now.getMinutes())}`);
        };

        const sayFailing = (outcome) => {
            const fields = `${changed()} field${changed() === 1 ? "" : "s"}`;
            if (outcome === "signed out") say(`You are signed out: kept in this window, ${fields}.`, "Sign in to go on");
            else say(`Not reachable: kept in this window, ${fields}; trying again`);
        };

        const later = (wait) => {
            clearTimeout(timer);
            timer = setTimeout(flush, wait);
        };

        /** Send what was typed; true once there is nothing left to send. */
        const flush = async () => {
            clearTimeout(timer);
            if (sending) await sending;
            if (!unsent) return true;
            unsent = false;
            sending = post(url, draft());
            const outcome = await sending;
            sending = null;
            failing = outcome === "not reached" || outcome === "signed out";
            if (failing) {
                unsent = true;
                hold(url, draft());
                sayFailing(outcome);
                if (!stopped) later(AGAIN);
                return false;
            }
            letGo(address);
            if (outcome === "kept") sayKept();
            else if (outcome === "refused") say("This cannot be kept as a draft: save before you leave.");
            if (unsent) later(PAUSE);
            return true;
        };

        /** The form goes now. What is not known to have arrived stays here until the next page has asked. */
        const go = () => {
            stopped = true;
            clearTimeout(timer);
            if (!unsent && !sending) return;
            hold(url, draft());
            if (unsent) post(url, draft());
        };

        form.addEventListener("input", () => {
            unsent = typed = true;
            if (failing) {
                hold(url, draft());
                sayFailing("not reached");
            }
            later(failing ? AGAIN : PAUSE);
        });
        form.addEventListener("focusout", () => unsent && !failing && flush());

        return {
            address,
            isTyped: () => typed,
            isFailing: () => failing,
            flush,
            /** Whether the server answers, asked with what was typed. */
            reach: () => {
                unsent = true;
                return flush();
            },
            leave: () => unsent && !stopped && post(url, draft()),
            go,
            stop: () => {
                stopped = true;
                clearTimeout(timer);
            },
            goOn: () => {
                stopped = false;
            },
        };
    };

    /* --- saving ---------------------------------------------------------------------------------------------- */

    const reached = new WeakSet();

    /** Where the server cannot be reached the page stays, with what was typed; the save follows when it is back. */
    document.addEventListener(
        "submit",
        async (event) => {
            const { target: form, submitter } = event;
            const keeper = keepers.get(form);
            if (!keeper) return;
            if ((keeper.isFailing() || !navigator.onLine) && !reached.delete(form)) {
                event.preventDefault();
                event.stopImmediatePropagation();
                if (!(await keeper.reach())) return;
                reached.add(form);
                form.requestSubmit(submitter);
                return;
            }
            keeper.go();
            const field = form.querySelector("[name=csrfmiddlewaretoken]");
            if (field && token()) field.value = token();
        },
        true,
    );

    document.addEventListener("submit", (event) => {
        if (!event.target.getAttribute("action")?.endsWith("/sign-out/")) return;
        for (const keeper of keepers.values()) keeper.stop();
        for (const key of held()) sessionStorage.removeItem(key);
    });

    /** Whoever goes on typing into a field keeps his own. */
    document.addEventListener("input", (event) => {
        const item = event.target.closest?.(".row[id^='row-']")?.id.slice("row-".length);
        const mine = item && document.querySelector(`[data-conflict] input[name="keep__${CSS.escape(item)}"][value=mine]`);
        if (mine) mine.checked = true;
    });

    const leaveAll = () => keepers.forEach((keeper) => keeper.leave());
    window.addEventListener("pagehide", leaveAll);
    document.addEventListener("visibilitychange", () => document.visibilityState === "hidden" && leaveAll());
    window.addEventListener("online", () => {
        for (const keeper of keepers.values()) if (keeper.isFailing()) keeper.flush();
        sendHeld();
    });
    window.addEventListener("pageshow", (event) => {
        if (event.persisted) keepers.forEach((keeper) => keeper.goOn());
    });

    for (const form of document.querySelectorAll("form[data-drafts]")) keepers.set(form, watch(form));
    sendHeld();
})();
