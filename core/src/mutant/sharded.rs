//! The mutants of the sharded store: of its controller, of its groups, and of what the groups need
//! of the protocol.

use super::Checker::{History, Invariant, Liveness, OfConfigs, OfShards};
use super::{Layer, Mutant};
use crate::id::MutantId;

/// They, by number.
pub(super) const ALL: [Mutant; 17] = [
    Mutant {
        id: MutantId::C1,
        title: "groups in the order of a hash table",
        section: "lab 4A",
        layer: Layer::Sharding,
        story: "Each server of the controller goes through the groups in an order of its own, and \
            makes another configuration of the same command.",
        citation: "MIT 6.824, lab 4A",
        script: "C1-groups-in-the-order-of-a-hash-table",
        caught_by: &[OfConfigs(6), Invariant(21)],
    },
    Mutant {
        id: MutantId::C2,
        title: "all shards dealt out anew",
        section: "lab 4A",
        layer: Layer::Sharding,
        story: "When a group joins or leaves, all shards are dealt out in turn, and many move that \
            could have stayed.",
        citation: "MIT 6.824, lab 4A; DSLabs, lab 4",
        script: "C2-all-shards-dealt-out-anew",
        caught_by: &[OfConfigs(4), OfConfigs(9)],
    },
    Mutant {
        id: MutantId::C3,
        title: "shards of the last group keep their owner",
        section: "lab 4A",
        layer: Layer::Sharding,
        story: "When the last group leaves, its shards go on being assigned to it.",
        citation: "MIT 6.824, lab 4A",
        script: "C3-shards-of-the-last-group-keep-their-owner",
        caught_by: &[OfConfigs(2)],
    },
    Mutant {
        id: MutantId::K1,
        title: "sessions stay behind",
        section: "thesis §6.3",
        layer: Layer::Sharding,
        story: "A shard moves without what is remembered of its clients, and the new owner \
            executes a repeated call again.",
        citation: "MongoDB SERVER-54019 (mongo#1652); DSLabs, lab 4",
        script: "K1-sessions-stay-behind",
        caught_by: &[OfShards(5), OfShards(4), History],
    },
    Mutant {
        id: MutantId::K2,
        title: "configuration skipped",
        section: "lab 4B",
        layer: Layer::Sharding,
        story: "A group goes straight to the latest configuration, and never learns that in \
            between a shard was somebody else's.",
        citation: "DSLabs, lab 4: one at a time, in order",
        script: "K2-configuration-skipped",
        caught_by: &[OfShards(2), Liveness],
    },
    Mutant {
        id: MutantId::K3,
        title: "next configuration too early",
        section: "lab 4B",
        layer: Layer::Sharding,
        story: "A group goes on to the next configuration while shards of the present one are on \
            their way.",
        citation: "MIT 6.824, lab 4B",
        script: "K3-next-configuration-too-early",
        caught_by: &[OfShards(2), OfShards(8), OfShards(6)],
    },
    Mutant {
        id: MutantId::K4,
        title: "owner checked only at the door",
        section: "lab 4B",
        layer: Layer::Sharding,
        story: "A group asks whether it has the shard when a call comes and not when it is \
            applied, and executes it on a shard that it has given away.",
        citation: "MIT 6.824, lab 4B; DSLabs, lab 4",
        script: "K4-owner-checked-only-at-the-door",
        caught_by: &[OfShards(1), OfShards(4), History],
    },
    Mutant {
        id: MutantId::K5,
        title: "served before the data is there",
        section: "lab 4B",
        layer: Layer::Sharding,
        story: "A group executes calls on a shard that it owns by the configuration, and whose \
            data has not come.",
        citation: "MIT 6.824, lab 4B",
        script: "K5-served-before-the-data-is-there",
        caught_by: &[OfShards(3), OfShards(4), History],
    },
    Mutant {
        id: MutantId::K6,
        title: "copy deleted before it has arrived",
        section: "lab 4B, challenge 1",
        layer: Layer::Sharding,
        story: "A group deletes its copy of a shard as soon as that is sent; if the message is \
            lost, so is the shard.",
        citation: "MIT 6.824, lab 4B, challenge 1; DSLabs, lab 4",
        script: "K6-copy-deleted-before-it-has-arrived",
        caught_by: &[OfShards(6), Liveness],
    },
    Mutant {
        id: MutantId::K7,
        title: "deletion without its configuration",
        section: "lab 4B, challenge 1",
        layer: Layer::Sharding,
        story: "The command to delete a copy does not say which one, and a late one hits the shard \
            after it has come back.",
        citation: "MongoDB SERVER-130128, SERVER-130130 (mongo#1819, mongo#1820); \
            kaloianm/workscripts#14",
        script: "K7-deletion-without-its-configuration",
        caught_by: &[OfShards(6), OfShards(8)],
    },
    Mutant {
        id: MutantId::K8,
        title: "arrival taken in twice",
        section: "lab 4B",
        layer: Layer::Sharding,
        story: "A shard that is sent again replaces the one that has come and was written to \
            since.",
        citation: "MIT 6.824, lab 4B",
        script: "K8-arrival-taken-in-twice",
        caught_by: &[OfShards(7), OfShards(4), History],
    },
    Mutant {
        id: MutantId::K9,
        title: "hand-over lost with the leader",
        section: "lab 4B",
        layer: Layer::Sharding,
        story: "A shard is handed over only by the leader that saw the configuration come; its \
            successor does not take that up.",
        citation: "MIT 6.824, lab 4B",
        script: "K9-hand-over-lost-with-the-leader",
        caught_by: &[OfShards(12), Liveness],
    },
    Mutant {
        id: MutantId::K10,
        title: "no entry opens a term",
        section: "§8",
        layer: Layer::Rules,
        story: "A new leader makes no entry of its own, and cannot commit what its predecessor \
            left as long as nobody asks for anything.",
        citation: "MIT 6.824, lab 4B: about 1 in 100 runs",
        script: "K10-no-entry-opens-a-term",
        caught_by: &[Liveness],
    },
    Mutant {
        id: MutantId::K11,
        title: "hands over only when it has all",
        section: "lab 4B, challenge 2",
        layer: Layer::Sharding,
        story: "A group gives shards away only when it has got its own, and two that exchange \
            shards wait for each other. A balance that moves the fewest shards never asks for \
            that: each group only gives or only gets. So it takes a controller with a bug besides, \
            C2.",
        citation: "MIT 6.824, lab 4B, challenge 2; DSLabs, lab 4",
        script: "K11-hands-over-only-when-it-has-all",
        caught_by: &[OfShards(12), Liveness],
    },
    Mutant {
        id: MutantId::K12,
        title: "whole group stops",
        section: "lab 4B, challenge 2",
        layer: Layer::Sharding,
        story: "While one of its shards is on its way, a group serves none of the others.",
        citation: "MIT 6.824, lab 4B, challenge 2",
        script: "K12-whole-group-stops",
        caught_by: &[OfShards(9), Liveness],
    },
    Mutant {
        id: MutantId::K13,
        title: "frozen shard thaws",
        section: "lab 4B",
        layer: Layer::Composition,
        story: "A server that starts from its snapshot serves all that it holds, also the frozen \
            copy of a shard that it has given away.",
        citation: "redis#1799, redis#3776, redis#6339, valkey#974",
        script: "K13-frozen-shard-thaws",
        caught_by: &[Invariant(21), OfShards(8), OfShards(1), OfShards(4), History],
    },
    Mutant {
        id: MutantId::K14,
        title: "refusal remembered",
        section: "thesis §6.3",
        layer: Layer::Sharding,
        story: "A group remembers that it has refused a call, and refuses it still when the shard \
            has come.",
        citation: "MIT 6.824, lab 4B",
        script: "K14-refusal-remembered",
        caught_by: &[OfShards(10), Liveness],
    },
];
