import { placeOf } from '../load/place.ts';
import { defineRule } from '../rule.ts';
import { askForDigest, imagesWithoutDigest } from './images.ts';
import { isMovingTag } from '../../formats/text/imageReference.ts';

export const imageDigest = defineRule({
  subject: 'text',
  meta: {
    id: 'pin/image-digest',
    title: 'A container image is named by its tag, and by no digest',
    severity: 'info',
    offByDefault: true,
    description:
      'A container of any Kubernetes object, a Compose service, a cloud job, a chart’s values, a Kustomization or a `FROM` names an image with a version and without `@sha256:`. One finding an image and file. The rule is off by default: of 3,397 images in the Kubernetes files of machine-learning repositories, 19 had a digest, so that it would fire nearly everywhere. Switch it on where images are pinned, to hold that line.',
    why: 'Whoever may push to the registry can move a tag: what was reviewed under a version is not what runs under it tomorrow, and no file of yours changes.',
    howToFix:
      'Write the digest behind the tag: `image: registry/name:1.2.3@sha256:...`. `docker buildx imagetools inspect NAME` shows it; Renovate and Dependabot keep it up to date.',
    avoid: [
      {
        file: 'job.yaml',
        text: 'apiVersion: batch/v1\nkind: Job\nspec:\n  template:\n    spec:\n      containers:\n        - name: train\n          image: registry.example.org/train:1.4.2\n',
      },
      { file: 'Dockerfile', text: 'FROM python:3.12.4-slim\nUSER 1000\n' },
      {
        file: 'kustomization.yaml',
        text: 'resources: [deployment.yaml]\nimages:\n  - name: train\n    newTag: 1.4.2\n',
      },
    ],
    prefer: [
      {
        file: 'job.yaml',
        text: 'apiVersion: batch/v1\nkind: Job\nspec:\n  template:\n    spec:\n      containers:\n        - name: train\n          image: registry.example.org/train:1.4.2@sha256:0b7ffd2cd5a3a1f2bd2b4b5aa6ba2b8b9e9ea4f6b2a5d1a3c7a0d7f1e6c2b3d4\n        - name: side\n          image: ${IMAGE}\n',
      },
      {
        file: 'Dockerfile',
        text: 'FROM python@sha256:0b7ffd2cd5a3a1f2bd2b4b5aa6ba2b8b9e9ea4f6b2a5d1a3c7a0d7f1e6c2b3d4 AS build\nFROM build\nUSER 1000\n',
      },
    ],
    references: [
      {
        title: 'Kubernetes documentation: image digests',
        url: 'https://kubernetes.io/docs/concepts/containers/images/#image-names',
      },
    ],
    cwe: [1357, 494],
    atlas: ['AML.T0010.001'],
    owasp: ['ML06:2023', 'LLM03:2025'],
    nistAiRmf: ['GOVERN 6.1'],
    euAiAct: ['Article 15(5)'],
    since: '0.1.0',
  },
  check(text, report) {
    for (const image of imagesWithoutDigest(text)) {
      const { written, tag, range } = image;
      if (tag === null || isMovingTag(tag)) continue;
      report({
        message: `Runs ${JSON.stringify(written)} as the registry has that tag at the time, which can be moved. Add its digest.`,
        location: placeOf(range),
        evidence: { image: written },
        ...askForDigest(image),
      });
    }
  },
});
