"""What a type of resource holds, where it is no store of the stack's own: a closed list of the harmless.

A type that stands nowhere here may hold anything: its deletion is told as the worst, and as not judged.
"""

from collections.abc import Mapping

# What is lost with it for good, or reaches further than the resource.
LOST: Mapping[str, str] = {
    "aws:backup/vault:Vault": "every recovery point in it",
    "aws:cloudwatch/logGroup:LogGroup": "the logs in it",
    "aws:dynamodb/table:Table": "every item in it",
    "aws:ec2/eip:Eip": "its address, which others may let in by name",
    "aws:ec2/subnet:Subnet": "the network of everything in it",
    "aws:ec2/vpc:Vpc": "the network of everything in it",
    "aws:kms/key:Key": "once its waiting period is over, everything that it encrypted",
    "grafana:oss/folder:Folder": "every dashboard in it, those made by hand among them",
    "kubernetes:apiextensions.k8s.io/v1:CustomResourceDefinition": "every object of its kind",
    "kubernetes:core/v1:Namespace": "every object in it",
    "kubernetes:core/v1:PersistentVolume": "the disk, where it is not retained",
    "kubernetes:helm.sh/v3:Release": "what its chart made: pods, types of objects, and their objects",
    "kubernetes:networking.k8s.io/v1:Ingress": "the way in from outside, and the load balancer's address",
}
# What the network stands on: no data, and who knows what stops with it. Told as not judged, as it is meant.
NETWORK = frozenset(
    {
        "aws:ec2/internetGateway:InternetGateway",
        "aws:ec2/natGateway:NatGateway",
        "aws:ec2/route:Route",
        "aws:ec2/routeTable:RouteTable",
        "aws:ec2/routeTableAssociation:RouteTableAssociation",
        "aws:eks/addon:Addon",
    }
)
# What is not protected any more without it; nothing is lost at once.
PROTECTS: Mapping[str, str] = {
    "aws:backup/plan:Plan": "no copies are taken any more",
    "aws:backup/selection:Selection": "no copies are taken any more of what it selects",
    "aws:ec2/flowLog:FlowLog": "nobody records any more who talks to whom",
    "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock": "the bucket may be opened to everybody",
    "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration": (
        "what is written from now on is not encrypted with the stack's key"
    ),
    "aws:s3/bucketVersioning:BucketVersioning": "what is overwritten cannot be had back",
}
# What the program makes again as it was: settings, permissions, names, copies of what lies elsewhere.
HARMLESS = frozenset(
    {
        "aws:amp/workspaceConfiguration:WorkspaceConfiguration",
        "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup",
        "aws:ec2/securityGroup:SecurityGroup",
        "aws:ec2/vpcEndpoint:VpcEndpoint",
        "aws:eks/podIdentityAssociation:PodIdentityAssociation",
        "aws:elasticache/parameterGroup:ParameterGroup",
        "aws:elasticache/subnetGroup:SubnetGroup",
        "aws:iam/role:Role",
        "aws:iam/rolePolicy:RolePolicy",
        "aws:iam/rolePolicyAttachment:RolePolicyAttachment",
        "aws:kms/alias:Alias",
        "aws:rds/parameterGroup:ParameterGroup",
        "aws:rds/subnetGroup:SubnetGroup",
        "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration",
        "aws:s3/bucketOwnershipControls:BucketOwnershipControls",
        "aws:s3/bucketPolicy:BucketPolicy",
        "aws:secretsmanager/secretVersion:SecretVersion",
        "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule",
        "grafana:oss/dashboard:Dashboard",
        "grafana:oss/dataSource:DataSource",
        "grafana:oss/folderPermission:FolderPermission",
        "kubernetes:autoscaling/v2:HorizontalPodAutoscaler",
        "kubernetes:core/v1:ConfigMap",
        "kubernetes:core/v1:ResourceQuota",
        "kubernetes:core/v1:Secret",
        "kubernetes:core/v1:Service",
        "kubernetes:core/v1:ServiceAccount",
        "kubernetes:keda.sh/v1alpha1:ScaledObject",
        "kubernetes:networking.k8s.io/v1:IngressClass",
        "kubernetes:networking.k8s.io/v1:NetworkPolicy",
        "kubernetes:policy/v1:PodDisruptionBudget",
        "kubernetes:rbac.authorization.k8s.io/v1:ClusterRole",
        "kubernetes:rbac.authorization.k8s.io/v1:ClusterRoleBinding",
        "kubernetes:rbac.authorization.k8s.io/v1:Role",
        "kubernetes:rbac.authorization.k8s.io/v1:RoleBinding",
        "kubernetes:storage.k8s.io/v1:StorageClass",
        "random:index/randomPassword:RandomPassword",
    }
)
# What runs and holds nothing: it is away while it is made anew. Sets of pods on disks are judged by name.
RUNS = frozenset({"kubernetes:apps/v1:DaemonSet", "kubernetes:apps/v1:Deployment", "kubernetes:batch/v1:Job"})
PODS = ("kubernetes:apps/v1:Deployment", "kubernetes:apps/v1:StatefulSet", "kubernetes:apps/v1:DaemonSet")
