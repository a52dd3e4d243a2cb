/** What is loaded when it is first needed is there before: a clock that is moved by hand doesn't wait for a file to be read. */
import "../src/stream";
