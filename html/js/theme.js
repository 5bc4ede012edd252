// Dark or light: the system decides until someone uses the switch.  A plain
// script in the head, so that no page flashes in the wrong colours.
"use strict";
(function () {
	var kept = null;
	try {
		kept = localStorage.getItem("jair.theme");
	} catch (e) {
		// Storage is off; the system's choice stands.
	}
	if (kept === "dark" || kept === "light")
		document.documentElement.dataset.theme = kept;
})();
