// Requests to the server.  Never throws: no answer is an answer too.
const TIMEOUT_MS = 40000;	// above what nginx waits for a worker

function answer(status, body, retryAfter) {
	const whole = body && typeof body === "object" ? body : {};
	return {
		ok: status >= 200 && status < 300, status, body: whole,
		code: whole.code, field: whole.field,
		// One sentence, or an object that holds it.
		error: typeof whole.error === "string" ? whole.error : undefined,
		retryAfter: Number(retryAfter) || 0,
	};
}

function headersOf(setupCode) {
	return setupCode ? { "X-Setup-Code": setupCode } : {};
}

// options: body (sent as JSON), code (of the setup), signal.
export async function call(method, path, options = {}) {
	const headers = headersOf(options.code);
	if (method !== "GET")
		headers["Content-Type"] = "application/json";
	try {
		const late = AbortSignal.timeout(TIMEOUT_MS);
		const res = await fetch(path, {
			method, headers, cache: "no-store",
			credentials: "same-origin",
			body: options.body && JSON.stringify(options.body),
			signal: options.signal && AbortSignal.any ?
				AbortSignal.any([options.signal, late]) : late,
		});
		const body = await res.json().catch(() => ({}));
		return answer(res.status, body, res.headers.get("Retry-After"));
	} catch {
		return answer(0, {});
	}
}

// Send a file as it is; fetch cannot tell how much has been sent.
// Returns {done: a promise of the answer, cancel()}; a cancelled one answers
// {cancelled: true}.
export function upload(path, file, { code, progress }) {
	const request = new XMLHttpRequest();
	const done = new Promise((resolve) => {
		const end = () => resolve(answer(request.status,
			parsed(request.responseText),
			request.getResponseHeader("Retry-After")));
		request.upload.addEventListener("progress", (event) =>
			progress(event.loaded, event.total || file.size));
		request.addEventListener("load", end);
		request.addEventListener("error", () => resolve(answer(0, {})));
		request.addEventListener("abort", () =>
			resolve({ ...answer(0, {}), cancelled: true }));
	});
	request.open("POST", path);
	for (const [name, value] of Object.entries(headersOf(code)))
		request.setRequestHeader(name, value);
	request.setRequestHeader("Content-Type", "application/octet-stream");
	request.send(file);
	return { done, cancel: () => request.abort() };
}

function parsed(body) {
	try {
		return JSON.parse(body);
	} catch {
		return {};
	}
}
