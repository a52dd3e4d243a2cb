/**
 * Texts that may change or go stand alone in their elements: page translators replace bare texts, and React can neither
 * change nor remove those then, nor put anything before them. Elements it can.
 */
import { fileURLToPath } from "node:url";
import ts from "typescript";

const frontend = fileURLToPath(new URL("..", import.meta.url));
const { StringLike, NumberLike, Null, Undefined, BooleanLike } = ts.TypeFlags;
const found = ["packages/react", "app"].flatMap(textsOf);
for (const one of found) console.error(one);
if (found.length) process.exitCode = 1;

function textsOf(folder) {
  const config = ts.getParsedCommandLineOfConfigFile(`${frontend}${folder}/tsconfig.json`, {}, ts.sys);
  const program = ts.createProgram(config.fileNames, config.options);
  const sources = program.getSourceFiles().filter(({ fileName }) => fileName.startsWith(`${frontend}${folder}/src/`));
  return sources.flatMap((source) => bareIn(source, program.getTypeChecker()));
}

function bareIn(source, checker) {
  const bare = [];
  const look = (node) => {
    if (ts.isJsxElement(node) || ts.isJsxFragment(node)) {
      const children = node.children.filter((child) => !isBlank(child));
      const alone = children.length === 1 && ts.isJsxElement(node);
      if (!alone && children.some((child) => isText(child, ts.isJsxFragment(node)))) {
        const { line } = source.getLineAndCharacterOfPosition(node.getStart());
        const text = node.getText().replace(/\s+/g, " ").slice(0, 100);
        bare.push(`${source.fileName.slice(frontend.length)}:${line + 1}: a text that may change isn't alone: ${text}`);
      }
    }
    ts.forEachChild(node, look);
  };
  /** Whether it is words, or words at times; in a fragment, which is no element, any are. What stays the same does no harm. */
  const isText = (child, any) => {
    if (!ts.isJsxExpression(child)) return false;
    const type = checker.getTypeAtLocation(child.expression);
    const parts = type.isUnion() ? type.types : [type];
    const words = parts.some(({ flags }) => flags & (StringLike | NumberLike));
    const nothingElse = parts.every(({ flags }) => flags & (StringLike | NumberLike | Null | Undefined | BooleanLike));
    const stays = /^(words\b[^?:&|]*|"[^"]*")$/.test(child.expression.getText());
    return words && nothingElse && (any ? child.expression.getText() !== '" "' : !stays);
  };
  look(source);
  return bare;
}

function isBlank(child) {
  const comment = ts.isJsxExpression(child) && !child.expression;
  return comment || (ts.isJsxText(child) && child.containsOnlyTriviaWhiteSpaces);
}
