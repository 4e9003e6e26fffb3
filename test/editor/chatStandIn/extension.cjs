// Stands for a chat, which needs somebody's model: calls the tools that ask.json of the workspace's .vscode names, as an
// assistant would, and writes what it is told into answers.json beside it.
const { readFileSync, writeFileSync } = require('node:fs');
const path = require('node:path');
const vscode = require('vscode');

exports.activate = ({ subscriptions }) => {
  subscriptions.push(vscode.commands.registerCommand('chatStandIn.ask', ask));
};

async function ask() {
  const folder = path.join(vscode.workspace.workspaceFolders[0].uri.fsPath, '.vscode');
  const calls = JSON.parse(readFileSync(path.join(folder, 'ask.json'), 'utf8'));
  const answers = [];
  for (const call of calls) answers.push(await answerOf(call));
  const tools = vscode.lm.tools.filter(({ name }) => name.includes('weighbridge'));
  writeFileSync(path.join(folder, 'answers.json'), JSON.stringify({ tools, answers }));
  await vscode.window.showInformationMessage('The chat has its answers.');
}

async function answerOf({ name, input, cancel }) {
  const source = new vscode.CancellationTokenSource();
  try {
    const asked = vscode.lm.invokeTool(name, { input, toolInvocationToken: undefined }, source.token);
    if (cancel) source.cancel();
    const { content } = await asked;
    return { text: content.map(({ value }) => value).join('') };
  } catch (error) {
    return { error: error.message, cancelled: error instanceof vscode.CancellationError };
  }
}
