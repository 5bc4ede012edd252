// The few things that every page does with its document.
export const $ = (id) => document.getElementById(id);

export const marks = {
	ok: "✓", bad: "✕", warn: "!", wait: "◔", work: "◑", off: "–",
};

// Only what changed is touched, so that a live region speaks only then.
export function put(node, value) {
	if (node.textContent !== value)
		node.textContent = value;
}

// An element with attributes (null and false: none) and children.
export function make(tag, attributes = {}, ...children) {
	const node = document.createElement(tag);
	for (const [name, value] of Object.entries(attributes)) {
		if (value === null || value === undefined || value === false)
			continue;
		node.setAttribute(name, value === true ? "" : value);
	}
	node.append(...children.filter((child) => child !== null));
	return node;
}

export function mark(kind) {
	return make("span", { class: "mark", "aria-hidden": "true" },
		marks[kind]);
}

// A state: icon, word and colour.
export function chip(kind, words) {
	return make("li", { class: "chip", "data-kind": kind },
		...(kind ? [mark(kind)] : []), make("span", {}, words));
}

// To the beginning of what is shown now, for eyes, keys and ears alike.
export function focusOn(node) {
	if (!node.hasAttribute("tabindex") &&
	    !node.matches("a, button, input, select, textarea, summary"))
		node.setAttribute("tabindex", "-1");
	node.focus();
}
