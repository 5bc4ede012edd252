// What the browser remembers for its user; it may refuse to.
export function kept(name) {
	try {
		return localStorage.getItem(name);
	} catch {
		return null;
	}
}

export function keep(name, value) {
	try {
		localStorage.setItem(name, value);
	} catch {
		// It then holds until the page is closed.
	}
}
