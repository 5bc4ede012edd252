// The four steps at the top: where one is, and the way back.
import { $, marks, put } from "./dom.js";
import { text } from "./strings/index.js";

export const steps = ["start", "inside", "connections", "save"];

function stateOf(step, now, fresh) {
	const i = steps.indexOf(step);
	if (step === "inside" && fresh && now !== 0)
		return "skip";
	return i < now ? "done" : i === now ? "now" : "next";
}

function showStep(step, state) {
	const words = { done: marks.ok, skip: marks.off };
	const item = $(`step-${step}`);
	const link = item.querySelector("a");
	put(item.querySelector(".mark"),
		words[state] || String(steps.indexOf(step) + 1));
	put(item.querySelector(".unseen"), text.steps[state]);
	// A link that has the focus keeps it.
	if (link.dataset.state === state)
		return;
	link.dataset.state = state;
	item.dataset.state = state;
	link.removeAttribute("href");
	link.removeAttribute("aria-current");
	if (state === "done")
		link.setAttribute("href", `#${step}`);
	else if (state === "now")
		link.setAttribute("aria-current", "step");
}

// view: what the page shows; fresh: nothing is restored.
export function showSteps(view, fresh) {
	const now = steps.indexOf(view === "progress" ? "start" : view);
	$("steps").hidden = now < 0;
	for (const step of steps)
		showStep(step, stateOf(step, now, fresh));
}
