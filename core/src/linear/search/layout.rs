//! From calls and returns to a plan.

use alloc::vec::Vec;

use super::Plan;
use crate::linear::OperationOf;
use crate::machine::Machine;
use crate::order;

/// Marks the index of an operation as that of its return.
const IS_RETURN: u64 = 1 << 32;

/// The plan of some operations on a machine. Of those that never returned, the `hidden` ones are
/// tried before the others: where something must have happened, it was most likely what nobody saw.
pub(super) fn lay_out<M: Machine>(
    initial: &M,
    operations: &[OperationOf<M>],
    mut hidden: impl FnMut(&OperationOf<M>) -> bool,
) -> Plan {
    let mut plan = Plan::with_capacity(operations.len());
    // At one place a call comes before a return: what touches overlaps.
    let mut events: Vec<(u64, u64)> = Vec::with_capacity(2 * operations.len());
    for (index, operation) in (0_u32..).zip(operations) {
        let returned = operation.returned.as_ref();
        // Those that never return come last.
        plan.add(returned.map_or(u64::MAX, |(at, _)| *at));
        let op = &mut plan.ops[index as usize];
        op.lost = returned.is_none();
        op.grows = M::grows(&operation.command);
        op.reads = initial.reads(&operation.command);
        op.idle = op.reads;
        if let Some((at, reply)) = returned {
            op.idle |= M::is_idle(&operation.command, reply);
            events.push((*at, IS_RETURN | u64::from(index)));
        } else if hidden(operation) {
            op.hide();
        }
        events.push((operation.called, u64::from(index)));
    }
    order::sort(&mut events);
    for (at, event) in events {
        let index = event as u32;
        if event & IS_RETURN != 0 {
            plan.give_back(index);
            continue;
        }
        let op = plan.ops[index as usize];
        // A read that never returned tells nothing. What returned before it was called fits
        // nowhere.
        let backwards = !op.lost && op.rank() < at;
        if !(backwards || op.lost && op.idle) {
            plan.call(index);
        }
    }
    plan.look_ahead();
    plan
}
