"""A parcel goes into a free compartment: a courier's, or one that somebody gives back. The talk
from the size to the receipt; what it stores is the caretaker's.
"""

from locker.app.boot_guard import drop
from locker.core import codes, compartments, faults, messages, records, session
from locker.core.mac import Mac
from micropython import const

TYPE_CHECKING = const(0)
if TYPE_CHECKING:
    from locker.app.caretaker import Caretaker
    from locker.app.desk import Desk
    from locker.app.station import Station
    from locker.core.compartments import Compartment


class Deposits:
    """returning: the number of the return code for which a size is asked; 0: a courier's."""

    def __init__(self, desk: "Desk", station: "Station", caretaker: "Caretaker") -> None:
        self._desk = desk
        self._station = station
        self._caretaker = caretaker
        self.returning = 0

    def offer(self, now: int, returning: int = 0) -> None:
        """A code was right: ask for the size. returning: number of a return code."""
        self.returning = returning
        if any(self._free_door(size) for size in compartments.SIZES):
            self._station.session.ask_size(now)
        else:
            self._station.session.show_full(now)

    def _free_door(self, size: str) -> int:
        """0 when there is none that the bank would release."""
        station = self._station
        shut_out = 0
        for compartment in station.vault.compartments:
            if not station.bank.may_release(compartment.door):
                shut_out |= 1 << (compartment.door - 1)
        return compartments.choose_free(station.vault.compartments, size, shut_out)

    def start(self, size: str, now: int) -> None:
        """A compartment of this size opens, if there is one."""
        station = self._station
        door = self._free_door(size)
        if not door:
            station.session.show_refusal(faults.NO_FREE_DOOR, now)
            return
        returning = self.returning
        if returning and not self._ask_returns(door, returning):
            self._desk.refuse(faults.CODE_REPLAYED, 0, records.SENDER, now, returning)
            return
        actor = records.SENDER if returning else records.COURIER
        compartment = station.vault.compartment(door)
        compartment.reserve(bool(returning))
        station.book.note(records.DEPOSIT_STARTED, now, door, actor=actor, value=returning)
        self._desk.release(compartment, actor, now)

    def end(self, compartment: "Compartment", answer: int, now: int) -> None:
        """What the person says with the door shut. A compartment that may hold a parcel is never
        given to somebody else.
        """
        talk = self._station.session
        if compartment.occupancy != compartments.RESERVED:
            talk.end(messages.NO_CHANGE, now)
            return
        returned = compartment.returned
        if returned and talk.has_request:
            return  # that was a code and no answer, perhaps this very one: the return waits for it
        if answer == session.STORED:
            self._caretaker.store(compartment, now)
            receipt = codes.receipt(Mac(compartment.key), compartment.door)
            talk.show_receipt(receipt, now, returned)
            return
        compartment.unreserve()
        self._caretaker.save(compartment)
        actor = records.SENDER if returned else records.COURIER
        self._station.book.note(
            records.DEPOSIT_CANCELLED, now, compartment.door, actor=actor, value=answer
        )
        self._station.book.commit()
        again = returned and self._ask_returns(compartment.door)
        if answer != session.WRONG_SIZE:
            talk.end(messages.CODE_STAYS if again else messages.NO_CHANGE, now)
        elif returned and not again:  # told now, and not when a size is chosen
            self._desk.refuse(faults.CODE_REPLAYED, 0, records.SENDER, now, self.returning)
        else:
            talk.ask_size(now)

    def _ask_returns(self, door: int, number: int = 0) -> bool:
        """Durable before the coil: this code is at work for the door; False when it has ended.
        Without a number: may the door's code start another?
        """
        from locker.app import returns

        cells = self._station.vault.cells
        good = returns.use(cells, number, door) if number else returns.is_good(cells, door)
        del returns
        drop("app.returns", "core.tickets", "core.keys")
        return good
