// What the browser remembers for its user; it may refuse to.  Storage
// localStorage keeps it, sessionStorage until the tab is closed.
function storage(brief) {
	return brief ? sessionStorage : localStorage;
}

export function kept(name, brief) {
	try {
		return storage(brief).getItem(name);
	} catch {
		return null;
	}
}

export function keep(name, value, brief) {
	try {
		storage(brief).setItem(name, value);
	} catch {
		// It then holds until the page is closed.
	}
}

export function forget(name, brief) {
	try {
		storage(brief).removeItem(name);
	} catch {
		// Then it was not kept either.
	}
}
