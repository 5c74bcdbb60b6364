#pragma once

// Many deployments in one JSON file. All that it may hold:
//
//   {"deployments": [{
//     "id": "prod", "region": "eu-west-1", "vpc": "vpc-1",
//     "source_vpcs": ["vpc-2"],                where selectors look besides
//     "sources": ["tag/env=prod", "ecs/shop/cart",
//                 {"source": "lb/front", "lb_mode": "targets|enis|auto", "primary_only": true}],
//     "subnets": ["subnet-1"], "tags": {"team": "x"}, "source_cidrs": ["10.0.0.0/8"],
//     "mode": "dpdk|kernel",
//     "health": {"protocol": "TCP|HTTP|HTTPS", "port": 8000, "path": "/healthz", "interval_s": 10},
//     "existing": {"load_balancer": "arn:...", "target": "tmt-1", "filter": "tmf-1",
//                  "appliances": ["10.0.0.9"]},
//     "appliances": {"image": "ami-1", "image_parameter": "/metlo/...", "instance_type": "c7i.xlarge",
//                    "key_name": "k", "instance_profile": "p", "user_data": "...",
//                    "subnets": [], "security_groups": [], "auto_scaling": true, "count": 2, "max": 4},
//     "filter": {"server_ports": [80, 8080], "dns": false,
//                "rules": [{"direction": "ingress|egress", "action": "accept|reject", "protocol": "tcp",
//                           "source_ports": "1024-65535", "destination_ports": 443,
//                           "source_cidr": "10.0.0.0/8", "destination_cidr": "::/0",
//                           "description": "..."}]},           server_ports or rules
//     "session": {"number": 10, "vni": "random|per-source", "packet_length": 8500, "description": "..."},
//     "allow_instance_types": ["m9g"], "allow_starved": false
//   }]}
//
// Required are id, region, sources, and vpc unless there is an existing target. A VNI may be a number too.

#include "deployment.h"
#include "error.h"

struct fleet {
	struct arena arena;
	struct deployment *deployments;
	size_t n_deployments;
};

// Reads and checks all of it. -EINVAL where anything is wrong, with the place; -ENOENT and the like where
// the file cannot be read; -ENOMEM.
int fleet_load(const char *path, struct fleet *ret_fleet, struct aws_error *error);
int fleet_read(struct slice text, struct fleet *ret_fleet, struct aws_error *error);
// The JSON Schema (draft 2020-12) of the file, with a newline at its end; the caller frees it. NULL without
// memory.
char *fleet_schema(void);

void fleet_release(struct fleet *fleet);
