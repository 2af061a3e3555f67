"""ECR repositories, as the CDK's bootstrap makes one."""

from __future__ import annotations

from aws_rehearsal.cloudformation.handler import Context, Handler, Physical, Properties, tags


class Repository(Handler):
    type = "AWS::ECR::Repository"

    def create(self, context: Context, properties: Properties) -> Physical:
        ecr = context.client("ecr")
        name = properties.get("RepositoryName") or context.name(200, lower=True)
        scanning = properties.get("ImageScanningConfiguration") or {}
        repository = ecr.create_repository(
            repositoryName=name,
            tags=tags(properties),
            imageScanningConfiguration={"scanOnPush": bool(scanning.get("ScanOnPush"))},
            **properties.pick(imageTagMutability="ImageTagMutability"),
        )["repository"]
        return Physical(name, {"Arn": repository["repositoryArn"], "RepositoryUri": repository["repositoryUri"]})

    def update(self, context: Context, physical: Physical, old: Properties, new: Properties) -> Physical:  # noqa: ARG002
        ecr = context.client("ecr")
        mutability = new.get("ImageTagMutability", "MUTABLE")
        ecr.put_image_tag_mutability(repositoryName=physical.id, imageTagMutability=mutability)
        scanning = new.get("ImageScanningConfiguration") or {}
        ecr.put_image_scanning_configuration(
            repositoryName=physical.id, imageScanningConfiguration={"scanOnPush": bool(scanning.get("ScanOnPush"))}
        )
        return physical

    def delete(self, context: Context, physical: Physical, properties: Properties) -> None:
        force = bool(properties.get("EmptyOnDelete"))
        context.client("ecr").delete_repository(repositoryName=physical.id, force=force)
