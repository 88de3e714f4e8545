// On every page.
import "./session.js";
