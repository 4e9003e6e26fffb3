-- Drives Neovim's own language client against the server, and ends with an exit code that says whether all was as it should be.
-- WORKSPACE is the folder, SERVER the program that `node` runs.
local workspace = vim.env.WORKSPACE
local seen = {}

local function uri(name)
  return vim.uri_from_fname(workspace .. '/' .. name)
end

local function await(what, holds)
  if vim.wait(60000, holds, 20) then
    return
  end
  io.stderr:write('never came: ' .. what .. '\n' .. vim.inspect(seen) .. '\n')
  vim.cmd('cquit 1')
end

local function codes(diagnostics, field)
  local found = {}
  for _, each in ipairs(diagnostics) do
    table.insert(found, tostring(field(each)))
  end
  table.sort(found)
  return table.concat(found, ' ')
end

local function report(name, value)
  io.stdout:write(vim.json.encode({ name = name, value = value }) .. '\n')
end

-- Neovim keeps the diagnostics of files that are not open, too: what arrives is noted by address.
local publish = vim.lsp.handlers['textDocument/publishDiagnostics']
local client_id = vim.lsp.start_client({
  name = 'weighbridge',
  cmd = { vim.env.NODE, vim.env.SERVER, 'lsp', '--stdio' },
  root_dir = workspace,
  handlers = {
    ['textDocument/publishDiagnostics'] = function(err, result, ctx, config)
      seen[result.uri] = result.diagnostics
      return publish(err, result, ctx, config)
    end,
  },
})
local client = vim.lsp.get_client_by_id(client_id)

-- 1. Files that are not open.
await('diagnostics of the closed checkpoint', function()
  return seen[uri('models/evil.pkl')] ~= nil
end)
local function code(each)
  return each.code
end
report('closed', codes(seen[uri('models/evil.pkl')], code))

-- 2. An open text.
vim.cmd('edit ' .. workspace .. '/train.yaml')
local buffer = vim.api.nvim_get_current_buf()
vim.lsp.buf_attach_client(buffer, client_id)
local function open_codes()
  return codes(vim.diagnostic.get(buffer), function(each)
    return each.user_data.lsp.code
  end)
end
await('two diagnostics of the open config', function()
  return open_codes() == 'load/trust-remote-code load/unsafe-checkpoint'
end)
report('open', open_codes())
for _, each in ipairs(vim.diagnostic.get(buffer)) do
  if each.user_data.lsp.code == 'load/trust-remote-code' then
    report('href', each.user_data.lsp.codeDescription.href)
    report('line', each.lnum)
  end
end

-- 2b. What the path in it leads to.
local told = client.request_sync('textDocument/hover', {
  textDocument = { uri = uri('train.yaml') },
  position = { line = 1, character = 22 },
}, 10000, buffer)
if told.err or not told.result then
  io.stderr:write('no hover: ' .. vim.inspect(told) .. '\n')
  vim.cmd('cquit 1')
end
report('hover', vim.lsp.util.convert_input_to_markdown_lines(told.result.contents))

-- 3. A code action with an edit, applied by Neovim.
local function actions_at(line, address)
  local position = { line = line, character = 22 }
  local answer, failure = client.request_sync('textDocument/codeAction', {
    textDocument = { uri = address },
    range = { start = position, ['end'] = position },
    context = { diagnostics = {} },
  }, 10000, buffer)
  if failure or answer.err then
    io.stderr:write('no code actions: ' .. vim.inspect(failure or answer.err) .. '\n')
    vim.cmd('cquit 1')
  end
  return answer.result
end
local function titled(actions, title)
  for _, action in ipairs(actions) do
    if action.title:find(title, 1, true) then
      return action
    end
  end
  io.stderr:write('not offered: ' .. title .. '\n' .. vim.inspect(actions) .. '\n')
  vim.cmd('cquit 1')
end
local trust = titled(actions_at(2, uri('train.yaml')), 'trust_remote_code')
vim.lsp.util.apply_workspace_edit(trust.edit, client.offset_encoding)
await('the finding of trust_remote_code to go', function()
  return open_codes() == 'load/unsafe-checkpoint'
end)
report('fixed', vim.api.nvim_buf_get_lines(buffer, 2, 3, false)[1])

-- 4. A command that writes a file and then changes the buffer by an edit of the server's.
local convert = titled(actions_at(1, uri('train.yaml')), 'Convert to safetensors and use it here')
local outcome = client.request_sync('workspace/executeCommand', convert.command, 30000, buffer)
if outcome.err then
  io.stderr:write(vim.inspect(outcome.err) .. '\n')
  vim.cmd('cquit 1')
end
await('the last finding of the config to go', function()
  return open_codes() == ''
end)
report('used', vim.api.nvim_buf_get_lines(buffer, 1, 2, false)[1])
report('written', vim.fn.filereadable(workspace .. '/models/base.safetensors'))

-- 5. Actions on a binary file that is not open.
local titles = {}
for _, action in ipairs(actions_at(0, uri('models/base.pt'))) do
  table.insert(titles, action.title)
end
report('binary', titles)

-- 6. A policy: its errors, a field of its input, the layout and the way from v0 to v1.
vim.cmd('edit ' .. workspace .. '/policies/own.rego')
local policy = vim.api.nvim_get_current_buf()
vim.lsp.buf_attach_client(policy, client_id)
local function policy_codes()
  return codes(vim.diagnostic.get(policy), function(each)
    return each.user_data.lsp.code
  end)
end
local function ask(method, params)
  params.textDocument = { uri = uri('policies/own.rego') }
  local answer, failure = client.request_sync(method, params, 60000, policy)
  if failure or answer.err then
    io.stderr:write('no answer to ' .. method .. '\n' .. vim.inspect(failure or answer.err) .. '\n')
    vim.cmd('cquit 1')
  end
  return answer.result
end
await('the error of the policy', function()
  return policy_codes() == 'rego_type_error'
end)
report('policy', policy_codes())
local field = ask('textDocument/hover', { position = { line = 3, character = 14 } })
report('field', vim.lsp.util.convert_input_to_markdown_lines(field.contents))
vim.api.nvim_buf_set_lines(policy, 0, -1, false, { 'package own', '', 'deny[msg] {', '  input.model.format != "onnx"', '  msg := "no"', '}' })
await('the warning of v0', function()
  return policy_codes() == 'rego_v0'
end)
local head = { line = 2, character = 0 }
local fixes = ask('textDocument/codeAction', { range = { start = head, ['end'] = head }, context = { diagnostics = {} } })
vim.lsp.util.apply_workspace_edit(titled(fixes, 'Rewrite this policy in Rego v1').edit, client.offset_encoding)
await('no warning', function()
  return policy_codes() == ''
end)
report('rewritten', vim.api.nvim_buf_get_lines(policy, 2, 4, false))

client.stop()
await('the end of the server', function()
  return client.is_stopped()
end)
vim.cmd('qall!')
