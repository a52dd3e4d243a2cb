export { ProblemError, type Fault } from "./problem";
