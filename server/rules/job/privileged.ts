import { itemsAt, leafAt, mappingsIn, nodeAt, textAt } from '../../formats/text/configTree.ts';
import type { ConfigMapping, ConfigNode } from '../../formats/text/facts.ts';
import type { PodSpec } from '../../formats/text/podSpecs.ts';
import { isTrue } from '../../formats/text/dynamicValue.ts';
import { placeOf, replace } from '../load/place.ts';
import { defineRule, type Report } from '../rule.ts';
import { unlessSilent } from '../silent.ts';
import { documentsOf } from '../text.ts';
import { launchesIn } from '../../formats/text/launches.ts';
import { commandsOf } from '../../formats/text/shellWords.ts';
import { checkRun, givenCapability, isStrong, mountedPath } from './dockerRun.ts';
import { podsOf, servicesOf, setting } from './containers.ts';

type Reporter = (report: Report) => void;

export const privileged = defineRule({
  subject: 'text',
  meta: {
    id: 'job/privileged',
    title: 'A job may do on its machine what it likes',
    severity: 'error',
    description:
      'A pod of any Kubernetes object (PyTorchJob, RayCluster, Workflow, InferenceService too) or a Compose service is `privileged`, mounts the root of the machine or the socket of the container runtime, or adds `SYS_ADMIN`, `SYS_PTRACE`, `SYS_MODULE` or `ALL` (errors); shares the namespaces of the machine (`hostPID`, `hostNetwork`) or turns off the filter of system calls (`seccomp:unconfined`: warnings); `hostIPC` and `ipc: host`, which NCCL is often given, are information. Of an MLflow project the `volumes` of its `docker_env` are read. The same options of `docker run` (`--privileged`, `-v /:/host`, `--cap-add`, `--security-opt seccomp=unconfined`, `--network host`) in scripts, workflows and Dockerfiles count as they do in Compose. `shm_size` or an `emptyDir` with `medium: Memory` does without.',
    why: 'Code that runs in training, a pickle among it, takes over the machine, and with it every other job and secret on it.',
    howToFix:
      'Take `privileged` out: GPUs come with a device plugin (`nvidia.com/gpu`), RDMA with `IPC_LOCK`, shared memory with an `emptyDir` of `medium: Memory`.',
    avoid: [
      {
        file: 'workflow.yaml',
        text: 'apiVersion: argoproj.io/v1alpha1\nkind: CronWorkflow\nmetadata: {name: retrain}\nspec:\n  schedule: "0 0 * * *"\n  workflowSpec:\n    volumes:\n      - name: host\n        hostPath: {path: /}\n',
      },
      {
        file: 'compose.yaml',
        text: 'services:\n  train:\n    image: example.org/train:1\n    security_opt:\n      - seccomp:unconfined\n',
      },
      {
        file: 'chart/values.yaml',
        text: 'image: {repository: example.org/a, tag: 1.2.3}\nsecurityContext:\n  privileged: true\n',
      },
      {
        file: 'job.yaml',
        text: 'apiVersion: kubeflow.org/v1\nkind: PyTorchJob\nspec:\n  pytorchReplicaSpecs:\n    Worker:\n      template:\n        spec:\n          containers:\n            - name: pytorch\n              image: example.org/train:1\n              securityContext:\n                privileged: true\n',
      },
      {
        file: 'compose.yaml',
        text: 'services:\n  train:\n    image: example.org/train:1\n    volumes:\n      - /var/run/docker.sock:/var/run/docker.sock\n',
      },
      { file: 'run.sh', text: '#!/bin/sh\ndocker run --rm --privileged=true example.org/train:1\n' },
    ],
    prefer: [
      {
        file: 'run.sh',
        text: '#!/bin/sh\ndocker run --rm --gpus all -v "$PWD:/work" example.org/train:1 --privileged\n',
      },
      {
        file: 'workflow.yaml',
        text: 'apiVersion: argoproj.io/v1alpha1\nkind: Workflow\nmetadata: {name: retrain}\nspec:\n  volumes:\n    - name: data\n      hostPath: {path: /data/train}\n',
      },
      {
        file: 'compose.yaml',
        text: 'services:\n  train:\n    image: example.org/train:1\n    security_opt:\n      - no-new-privileges:true\n',
      },
      {
        file: 'chart/values.yaml',
        text: 'image: {repository: example.org/a, tag: 1.2.3}\nhostNetwork: false\nsecurityContext:\n  privileged: false\n  capabilities: {drop: [ALL]}\n',
      },
      {
        file: 'job.yaml',
        text: 'apiVersion: batch/v1\nkind: Job\nspec:\n  template:\n    spec:\n      containers:\n        - name: train\n          image: example.org/train:1\n          securityContext:\n            privileged: false\n            allowPrivilegeEscalation: false\n            runAsNonRoot: true\n            capabilities:\n              add: [IPC_LOCK]\n              drop: [ALL]\n',
      },
    ],
    references: [
      {
        title: 'Kubernetes documentation: pod security standards',
        url: 'https://kubernetes.io/docs/concepts/security/pod-security-standards/',
      },
    ],
    cwe: [250],
    atlas: ['AML.T0011.000', 'AML.T0105'],
    owasp: ['LLM06:2025'],
    nistAiRmf: ['MEASURE 2.7'],
    euAiAct: ['Article 15(5)'],
    since: '0.1.0',
  },
  check(text, report) {
    for (const pod of podsOf(text)) checkPod(pod, report);
    // A workflow says for all its pods what a pod says for itself.
    for (const document of documentsOf(text, 'argo')) {
      for (const path of [['spec'], ['spec', 'workflowSpec']]) {
        const spec = nodeAt(document, ...path);
        if (spec?.kind !== 'mapping' || nodeAt(spec, 'containers')) continue;
        checkHost(spec, report);
        for (const volume of itemsAt(spec, 'volumes'))
          checkMount(textAt(volume, 'hostPath', 'path'), leafAt(volume, 'hostPath', 'path'), report);
      }
    }
    for (const document of documentsOf(text, 'helm-values', 'vllm-stack')) {
      for (const { node } of mappingsIn(document)) {
        checkHost(node, report);
        checkMount(textAt(node, 'hostPath', 'path'), leafAt(node, 'hostPath', 'path'), report);
        for (const key of contexts) checkSecurity(nodeAt(node, key), null, report);
      }
    }
    for (const document of documentsOf(text, 'mlproject')) {
      const environment = nodeAt(document, 'docker_env');
      for (const [index] of itemsAt(environment, 'volumes').entries()) {
        const leaf = leafAt(environment, 'volumes', index);
        if (typeof leaf?.value === 'string') checkMount(leaf.value.split(':')[0], leaf, report);
      }
    }
    for (const { node, name } of servicesOf(text)) checkService(node, report, name);
    for (const { words } of launchesIn(text, text.path))
      for (const command of commandsOf(words)) checkRun(command, report);
  },
});

const checkPod = unlessSilent(({ node, containers, whole }: PodSpec, report) => {
  if (whole) checkHost(node, report);
  for (const volume of itemsAt(node, 'volumes'))
    checkMount(textAt(volume, 'hostPath', 'path'), leafAt(volume, 'hostPath', 'path'), report);
  for (const container of containers) checkSecurity(nodeAt(container.node, 'securityContext'), container.name, report);
});

const checkService = unlessSilent((node: ConfigMapping, report, name: string) => {
  checkSecurity(node, name, report);
  checkCapabilities(node, ['cap_add'], name, report);
  for (const [index] of itemsAt(node, 'volumes').entries()) {
    const leaf = leafAt(node, 'volumes', index) ?? leafAt(node, 'volumes', index, 'source');
    if (typeof leaf?.value === 'string') checkMount(leaf.value.split(':')[0], leaf, report);
  }
  for (const [index] of itemsAt(node, 'security_opt').entries()) {
    const leaf = leafAt(node, 'security_opt', index);
    const taken = /^(seccomp|apparmor)[:=]unconfined$/.exec(String(leaf?.value))?.[1];
    if (leaf && taken !== undefined) sayUnconfined(String(leaf.value), taken, leaf.range, name, report);
  }
  for (const key of ['pid', 'network_mode', 'ipc']) {
    const found = setting(node, key);
    if (found?.value !== 'host') continue;
    report({
      message: `Shares the machine's ${key === 'network_mode' ? 'network' : key} (\`${key}: host\`).${key === 'ipc' ? ' Give it shared memory of its own with shm_size.' : ' Take it out, or say why it is needed.'}`,
      severity: key === 'ipc' ? 'info' : 'warning',
      location: placeOf(found.range),
      evidence: { option: key, container: name },
    });
  }
});

function checkHost(pod: ConfigNode, report: Reporter): void {
  for (const key of ['hostPID', 'hostNetwork', 'hostIPC'] as const) {
    const found = setting(pod, key);
    if (!found || !isTrue(found.value)) continue;
    const isIpc = key === 'hostIPC';
    report({
      message: isIpc
        ? "Shares the machine's memory between processes (`hostIPC: true`). Mount an emptyDir with `medium: Memory` at /dev/shm."
        : `Shares the machine's ${key === 'hostPID' ? 'processes' : 'network'} (\`${key}: true\`): the job sees what all others do. Take it out.`,
      severity: isIpc ? 'info' : 'warning',
      location: placeOf(found.range),
      evidence: { option: key },
      fixes: ['drop-privileges'],
      edits: [
        {
          fix: 'drop-privileges',
          kind: 'suggestion',
          title: `Set ${key} to false`,
          changes: [replace(found.range, 'false')],
        },
      ],
    });
  }
}

/** Where charts keep the security context of their containers. */
const contexts = ['securityContext', 'containerSecurityContext', 'podSecurityContext'] as const;

/** The values of a chart name no container. */
function named(name: string | null): string {
  return name === null ? 'A container of the chart' : `The container ${JSON.stringify(name)}`;
}

function checkSecurity(context: ConfigNode | undefined, name: string | null, report: Reporter): void {
  const found = setting(context, 'privileged');
  if (found && isTrue(found.value)) {
    report({
      message: `${named(name)} is privileged: what runs in it takes over the machine. Set privileged to false.`,
      location: placeOf(found.range),
      evidence: { option: 'privileged', container: name },
      fixes: ['drop-privileges'],
      edits: [
        {
          fix: 'drop-privileges',
          kind: 'suggestion',
          title: 'Set privileged to false',
          changes: [replace(found.range, 'false')],
        },
      ],
    });
  }
  checkCapabilities(context, ['capabilities', 'add'], name, report);
  const profile = leafAt(context, 'seccompProfile', 'type');
  if (profile?.value === 'Unconfined')
    sayUnconfined('seccompProfile: {type: Unconfined}', 'seccomp', profile.range, name, report);
}

function sayUnconfined(
  written: string,
  taken: string,
  range: Parameters<typeof placeOf>[0],
  name: string | null,
  report: Reporter,
): void {
  report({
    message: `${named(name)} may ask the kernel for everything (\`${written}\`): the filter that stops escapes is off. Take it out.`,
    severity: 'warning',
    location: placeOf(range),
    evidence: { option: taken, container: name },
  });
}

function checkCapabilities(
  context: ConfigNode | undefined,
  path: string[],
  name: string | null,
  report: Reporter,
): void {
  for (const [index] of itemsAt(context, ...path).entries()) {
    const leaf = leafAt(context, ...path, index);
    if (typeof leaf?.value !== 'string' || !isStrong(leaf.value)) continue;
    report({ ...givenCapability(named(name), leaf.value, name), location: placeOf(leaf.range) });
  }
}

function checkMount(
  path: string | undefined,
  leaf: { range: Parameters<typeof placeOf>[0] } | undefined,
  report: Reporter,
): void {
  if (path === undefined || !leaf) return;
  const found = mountedPath(path);
  if (found) report({ ...found, location: placeOf(leaf.range) });
}
