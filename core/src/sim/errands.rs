//! How clients' errands are run: what their clerks want done is sent, and what is seen of it is
//! remembered.

use alloc::vec::Vec;

use super::client::{Call, Client, Order, Outbox};
use super::node::{Node, Process};
use super::report::{Report, Shown};
use super::store::StoreCommand;
use super::world::World;
use crate::clerk::Errand;
use crate::controller;
use crate::id::{NodeId, Serial};
use crate::kv::{Command, Reply};
use crate::server::{Request, Wire};
use crate::shardkv;
use crate::shardkv::clerk::{self, Operation, Outcome};

impl World {
    pub(super) fn run_errands(&mut self, id: NodeId, report: &mut Report) {
        let Report { errands, shown, .. } = report;
        for errand in errands.group.drain() {
            match errand {
                Errand::Send { to, request: Request { tag, command, read } } => {
                    self.note_attempt(id, to, Serial(tag), &command.command, shown);
                    let command = StoreCommand::Store(command);
                    let wire = Wire::Request(Request { tag, command, read });
                    self.send(id, to, wire, false, shown);
                }
                Errand::Done { serial, by, reply } => {
                    self.note_return(id, by, reply.clone());
                    shown.push(Shown::Returned { serial, by, reply });
                }
            }
        }
        self.run_sharded(id, errands, shown);
    }

    /// What a clerk of a sharded store wants done. The end of a call comes before the next begins.
    fn run_sharded(&mut self, id: NodeId, errands: &mut Outbox, shown: &mut Vec<Shown>) {
        for errand in errands.sharded.drain() {
            if !matches!(errand, clerk::Errand::Done { .. }) {
                self.note_call(id, errands.begun.take(), shown);
            }
            self.run_one(id, errand, shown);
        }
        self.note_call(id, errands.begun.take(), shown);
    }

    fn run_one(&mut self, id: NodeId, errand: clerk::Errand, shown: &mut Vec<Shown>) {
        use clerk::Errand;
        match errand {
            Errand::Ask { to, request: Request { tag, command, read } } => {
                let command = StoreCommand::Controller(command);
                self.send(id, to, Wire::Request(Request { tag, command, read }), false, shown);
            }
            Errand::Send { to, request: Request { tag, command, read } } => {
                self.note_attempt(id, to, Serial(tag), &command.command, shown);
                let command = StoreCommand::Shards(shardkv::Command::Client(command));
                self.send(id, to, Wire::Request(Request { tag, command, read }), false, shown);
            }
            Errand::Done { serial, by, reply } => self.note_outcome(id, (serial, by), reply, shown),
        }
    }

    fn note_outcome(
        &mut self,
        id: NodeId,
        (serial, by): (Serial, NodeId),
        outcome: Option<Outcome>,
        shown: &mut Vec<Shown>,
    ) {
        let client = self.node(id).and_then(Node::client);
        let ordered = client.and_then(Client::order).is_some_and(|order| order.serial == serial);
        match outcome {
            Some(Outcome::Control(reply)) => self.note_obeyed(id, (serial, by), Some(reply), shown),
            None if ordered => self.note_obeyed(id, (serial, by), None, shown),
            outcome => {
                let reply = match outcome {
                    Some(Outcome::Key(reply)) => Some(reply),
                    _ => None,
                };
                self.note_return(id, by, reply.clone());
                shown.push(Shown::Returned { serial, by, reply });
            }
        }
    }

    /// A client of a sharded store has begun an operation, though it may have to ask its way first.
    fn note_call(
        &mut self,
        id: NodeId,
        begun: Option<(Serial, Operation)>,
        shown: &mut Vec<Shown>,
    ) {
        let Some((serial, operation)) = begun else { return };
        let since = self.now;
        let Process::Client(client) = &mut self.nodes[usize::from(id.0)].process else { return };
        match operation {
            Operation::Key(command) => {
                shown.push(Shown::Called { serial, command: command.clone() });
                // Nobody was asked yet.
                let (attempts, server, returned) = (0, id, None);
                client.last = Some(Call { serial, command, since, attempts, server, returned });
            }
            Operation::Control(command) => {
                shown.push(Shown::Ordered { serial, command: command.clone() });
                client.order = Some(Order { serial, command, since, returned: None });
            }
        }
    }

    fn note_attempt(
        &mut self,
        id: NodeId,
        server: NodeId,
        serial: Serial,
        command: &Command,
        shown: &mut Vec<Shown>,
    ) {
        let now = self.now;
        let Process::Client(client) = &mut self.nodes[usize::from(id.0)].process else { return };
        match &mut client.last {
            Some(call) if call.serial == serial => {
                call.attempts += 1;
                call.server = server;
            }
            last => {
                let command = command.clone();
                shown.push(Shown::Called { serial, command: command.clone() });
                *last =
                    Some(Call { serial, command, since: now, attempts: 1, server, returned: None });
            }
        }
        shown.push(Shown::Asked { serial, server });
    }

    fn note_return(&mut self, id: NodeId, by: NodeId, reply: Option<Reply>) {
        let now = self.now;
        let Process::Client(client) = &mut self.nodes[usize::from(id.0)].process else { return };
        client.answered += 1;
        if let Some(call) = &mut client.last {
            call.returned = Some((now, by, reply));
        }
        client.learn();
    }

    fn note_obeyed(
        &mut self,
        id: NodeId,
        (serial, by): (Serial, NodeId),
        reply: Option<controller::Reply>,
        shown: &mut Vec<Shown>,
    ) {
        let now = self.now;
        let Process::Client(client) = &mut self.nodes[usize::from(id.0)].process else { return };
        client.answered += 1;
        if let Some(order) = &mut client.order {
            order.returned = Some((now, by, reply.clone()));
        }
        shown.push(Shown::Concluded { serial, by, reply });
    }
}
