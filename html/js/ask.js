// One question, answered with yes or no, in a dialog.
import { make } from "./dom.js";

// lines: paragraphs or elements.  Resolves to whether it was yes; Escape is
// no, and the safe answer has the focus.
export function ask({ title, lines, yes, no }) {
	const heading = make("h2", { id: "ask-title" }, title);
	const back = make("button", { type: "button", autofocus: true }, no);
	const go = make("button", { type: "button" }, yes);
	const dialog = make("dialog", { "aria-labelledby": "ask-title" },
		heading, ...lines.map((line) => typeof line === "string" ?
			make("p", {}, line) : line),
		make("div", { class: "buttons" }, back, go));
	const before = document.activeElement;
	document.body.append(dialog);
	return new Promise((resolve) => {
		back.addEventListener("click", () => dialog.close(""));
		go.addEventListener("click", () => dialog.close("yes"));
		dialog.addEventListener("close", () => {
			dialog.remove();
			before?.focus();
			resolve(dialog.returnValue === "yes");
		});
		dialog.showModal();
	});
}
