// Who the stories are about, and where: each generator's client makes an account of its own.
const [, , address, email] = process.argv;
if (!address || !email) throw new Error("usage: story ADDRESS EMAIL");
export const base = address;
export const person = { email, password: "correct horse battery" };

export function hold(truth: boolean, what: string): void {
  if (!truth) throw new Error(`${what} is not as it should be`);
}
