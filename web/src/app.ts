// What pages gain from JavaScript. Everything here improves a page that works
// without it; texts come from the server in data attributes.
import { cascade } from "./division";
import { filters } from "./filter";
import { locate } from "./geo";
import { live } from "./live";
import { once } from "./once";
import { passkeys } from "./passkey";
import { scanButton } from "./scanbutton";
import { share } from "./share";

once();
filters();
locate();
live();
passkeys();
scanButton();
share();
cascade();

// On phones a desk's menu is wider than the screen: begin where the reader is.
document.querySelector(".side [aria-current]")?.scrollIntoView({ inline: "center", block: "nearest" });

// After a refused form the reader, also a blind one, starts at the list of errors.
document.getElementById("errors")?.focus();
