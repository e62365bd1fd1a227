# SPDX-License-Identifier: Apache-2.0
"""The application: one tick, one theme, and every way out.

Ten times a second it asks the session once for its counters and hands them to the screen in front, unless the terminal
has not drawn what it was sent. It does not open, filter or close a capture by itself: who made the session closes it.
"""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable, Sequence
from contextlib import ExitStack, suppress
from pathlib import Path
from types import FrameType
from typing import Any, ClassVar

from textual import events
from textual.app import App
from textual.binding import BindingType
from textual.dom import NoScreen
from textual.driver import Driver
from textual.drivers.linux_driver import LinuxDriver
from textual.filter import ANSIToTruecolor, LineFilter, Monochrome, NoColor
from textual.worker import WorkerFailed

from ringscope.app import kept_choice, themes
from ringscope.app.commands import bindings
from ringscope.app.driver import HANG_UP, Answered, PacedDriver, TerminalGone
from ringscope.app.glance import Glance
from ringscope.app.kept_choice import KeptWrong
from ringscope.app.listing import Chosen
from ringscope.app.look import Look, To256
from ringscope.app.screens import numbered
from ringscope.app.screens.base import NOTICE, Framed, Telling
from ringscope.app.screens.packets import PacketsScreen
from ringscope.app.watch import Watch
from ringscope.app.widgets.chooser import Chooser
from ringscope.app.widgets.lines import Lines
from ringscope.app.widgets.prompt import PromptInput
from ringscope.capture.session import Session, Snapshot
from ringscope.filter import Compiler

_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class RingscopeApp(App[None], inherit_bindings=False):
    """The full-screen analyzer of one session.

    theme: a theme's name; without one, what suits the terminal. user_themes: a folder of the user's own. columns: the
    file that the chosen columns are kept in. tick_hz: how often the counters are shown. view: the view filter to begin
    with. watch: what the screens of the rings and of the way see; without one, that of the session. started: called
    behind the first frame. After ``run()`` the attribute ``return_code`` is 0, or 128 plus the signal that ended it.
    """

    CSS_PATH = Path(__file__).with_name("app.tcss")
    TITLE = "ringscope"
    ENABLE_COMMAND_PALETTE = False
    ALLOW_SELECT = False
    BINDINGS: ClassVar[list[BindingType]] = bindings("everywhere")

    _line_filters: tuple[LineFilter, ...] = ()

    def __init__(
        self,
        session: Session,
        compiler: Compiler,
        *,
        theme: str | None = None,
        user_themes: Path | None = None,
        columns: Path | None = None,
        tick_hz: float = 10,
        view: str = "",
        watch: Watch | None = None,
        started: Callable[[], None] | None = None,
    ) -> None:
        super().__init__()
        self.animation_level = "none"
        self._session = session
        self._compiler = compiler
        self._tick_seconds = 1 / tick_hz
        self._view = view
        self._started = started
        self._at_suspension: Snapshot | None = None
        self._held = self._frame_lost = False
        self._hold = ExitStack()
        self._opening = ExitStack()
        self._handlers: dict[signal.Signals, Callable[[int, FrameType | None], Any] | int | None] = {}
        folders = [themes.shipped()] + ([user_themes] if user_themes else [])
        self._themes, self._faults = themes.load(*folders)
        self._look = Look(self._choose(theme), colour=not self.no_color)
        for known in self._themes.values():
            self.register_theme(known.textual())
        self.theme = f"ringscope-{self._look.theme.name}"
        self._line_filters = self._made_filters()
        self.glance = Glance(session, tick_hz, self._kept_columns(columns))
        self.lookout = watch or Watch.of(session)
        self.packets = PacketsScreen(self._look, self.glance, compiler, columns)
        self.frames: dict[str, Framed] = {self.packets.NAME: self.packets}
        """Those that have been in front, by name."""

    def _kept_columns(self, file: Path | None) -> Chosen | None:
        try:
            return kept_choice.read(file) if file else None
        except KeptWrong as error:
            self._faults = (str(error), *self._faults)
            return None

    def _choose(self, name: str | None) -> themes.Theme:
        suitable = themes.suitable()
        if name is not None and name not in self._themes:
            known = ", ".join(sorted(self._themes))
            self._faults = (f"there is no theme {name!r}; there are: {known}", *self._faults)
        return self._themes[name if name in self._themes else suitable]

    # -- start and tick

    def _handle_exception(self, error: Exception) -> None:
        # What comes back from a thread when the screens have been closed has nobody to be told to.
        if not (isinstance(error, WorkerFailed) and isinstance(error.error, NoScreen)):
            super()._handle_exception(error)

    def get_default_screen(self) -> PacketsScreen:
        return self.packets

    def on_mount(self) -> None:
        # The first frame is the one with the first rows: those before it would only be in its way.
        self._opening.enter_context(self.batch_update())
        loop = asyncio.get_running_loop()
        for number in _SIGNALS:
            before = signal.getsignal(number)
            with suppress(RuntimeError, ValueError):  # only the main thread may have handlers
                loop.add_signal_handler(number, self._end_by, number)
                self._handlers[number] = before
        self.app_resume_signal.subscribe(self, self._resumed)
        if self._faults:
            more = f"  (and {len(self._faults) - 1} more)" if len(self._faults) > 1 else ""
            self.say(self._faults[0] + more, "warning", stay=15)

    def on_ready(self) -> None:
        self.tick()
        self._opening.close()
        self.call_after_refresh(self._go_on)
        if self._view:
            self.run_worker(self.packets.view(self._view))

    async def _go_on(self) -> None:
        """What comes behind the first frame, so that a slow machine has that as early as it can."""
        if self._started is not None:
            self._started()
        self.set_interval(self._tick_seconds, self.tick, name="tick")
        await self.packets.complete()

    def tick(self) -> None:
        """Take the counters of this moment and show them, unless the terminal is behind or the capture is in need."""
        if isinstance(self._driver, PacedDriver) and self._driver.hung_up():
            self.exit(return_code=HANG_UP)
            return
        self._let_frames_through()
        snapshot = self._session.snapshot()
        due = self.glance.update(snapshot)
        self.lookout.note(snapshot)
        if isinstance(self._driver, PacedDriver):
            self.glance.sent.note(snapshot.time, self._driver.written)
        if due and not self._held:
            if isinstance(self.screen, Framed):
                self.screen.show(snapshot)
            elif isinstance(self.screen, Telling):
                self.screen.age()
        if self.lookout.due():
            self.run_worker(self._look_around(snapshot), group="watch")

    async def _look_around(self, snapshot: Snapshot) -> None:
        """Have the watch look once. The host may take its time to answer, so this is not for the event loop."""
        sample = self.lookout.sample(self._session, snapshot)
        await asyncio.to_thread(self.lookout.look, sample, hidden=self.glance.hidden)

    # -- screens

    @property
    def front(self) -> Framed:
        """The numbered screen that is in front, or only behind the help."""
        return next(screen for screen in reversed(self.screen_stack) if isinstance(screen, Framed))

    def say(self, text: str, role: str = "text", stay: float = NOTICE) -> None:
        """Show a notice for a while, on the screen that is in front."""
        self.front.say(text, role, stay)

    def action_go(self, name: str) -> None:
        """Bring a numbered screen to the front. Below it there is the packets screen only."""
        wanted = self.frames.get(name)
        if wanted is None:
            wanted = self.frames[name] = numbered.make(name, self._look, self.glance, self.lookout)
            self.install_screen(wanted, name)  # so that it is kept when another one is in front
        if self.screen is wanted:
            self.say("this screen is in front already; ? lists its keys")
            return
        self.lookout.wanted = wanted.WATCHES
        while self.screen not in self.frames.values():  # help, or where a number is from
            self.pop_screen()
        if wanted is self.packets:
            if self.screen is not wanted:
                self.pop_screen()
        elif self.screen is self.packets:
            self.push_screen(wanted)
        elif self.screen is not wanted:
            self.switch_screen(wanted)

    # -- keys

    async def on_event(self, event: events.Event) -> None:
        if not isinstance(event, events.Key) or event.is_forwarded or not await self._acted_on(event):
            await super().on_event(event)

    async def _acted_on(self, event: events.Key) -> bool:
        """Do at once what a key means. A slow link delivers what was typed in one piece; Textual would let each key
        wander up from the focused widget by itself, and the letters behind an ``f`` would be commands of the list."""
        await self.packets.complete()
        if isinstance(self.focused, PromptInput) and event.is_printable and event.character is not None:
            self.focused.take(event.character)
            return True
        active = self.screen.active_bindings.get(event.key)
        if isinstance(self.focused, Chooser) and not (active is not None and active.binding.priority):
            await self.focused.take(event.key)
            return True
        if active is not None:
            return await self.run_action(active.binding.action, active.node)
        if isinstance(self.screen, Telling) and not isinstance(self.focused, PromptInput):
            self.screen.answer(event)
        return False

    # -- the terminal

    def get_driver_class(self) -> type[Driver]:
        driver = super().get_driver_class()
        return PacedDriver if driver is LinuxDriver else driver

    def post_display_hook(self) -> None:
        if self._held:
            self._frame_lost = True  # a resize and a change of screen are not kept for later by Textual
        elif isinstance(self._driver, PacedDriver):
            self._driver.frame_done()
            if not self._driver.ready:
                self._held = True
                self._hold.enter_context(self.batch_update())

    def _let_frames_through(self) -> None:
        """Paint what has changed meanwhile, once the terminal is ready for it."""
        if self._held and isinstance(self._driver, PacedDriver) and self._driver.ready:
            self._held = False
            self._hold.close()
            if self._frame_lost:
                self._frame_lost = False
                self.screen.refresh()
            self.screen.check_idle()

    def on_answered(self, event: Answered) -> None:
        self._let_frames_through()

    def get_line_filters(self) -> Sequence[LineFilter]:
        return self._line_filters

    def _made_filters(self) -> tuple[LineFilter, ...]:
        """What the terminal takes. The themes have either its own colours or millions of them, never a mixture, so
        Textual's filters that even out mixtures or turn colours to greys have nothing to do."""
        unwanted = (ANSIToTruecolor, Monochrome, NoColor)
        others = [made for made in super().get_line_filters() if not isinstance(made, unwanted)]
        if self.no_color:
            return (*others, NoColor())
        return (*others, To256()) if self.console.color_system == "256" else tuple(others)

    # -- themes

    def get_theme_variable_defaults(self) -> dict[str, str]:
        # Also asked for before the constructor is done, when Textual's own theme is in force.
        return themes.css_variables(dict.fromkeys(themes.ROLES, "ansi_default"))

    def use_theme(self, name: str) -> None:
        """Change the colours at once."""
        self._look.use(self._themes[name])
        self.theme = f"ringscope-{name}"
        self._redraw_all()

    def _redraw_all(self) -> None:
        for screen in {*self.screen_stack, *self.frames.values()}:
            screen.refresh()
            for widget in screen.walk_children():
                if isinstance(widget, Lines):
                    widget.restyle()

    def action_next_theme(self) -> None:
        names = list(self._themes)
        name = names[(names.index(self._look.theme.name) + 1) % len(names)]
        self.use_theme(name)
        title = self._themes[name].title
        note = "; NO_COLOR is set, so colours stay off" if self.no_color else ""
        self.say(f"theme: {title}  ({names.index(name) + 1} of {len(names)}){note}")

    # -- commands and ways out

    def action_help(self) -> None:
        from ringscope.app.screens.help import HelpScreen  # with the first question

        if isinstance(self.screen, HelpScreen):
            self.pop_screen()
        else:
            self.push_screen(HelpScreen(self._look))

    def action_provenance(self) -> None:
        screen = self.screen
        if isinstance(screen, Framed) and screen not in self.frames.values():
            self.pop_screen()
        elif isinstance(screen, Framed) and screen.numbers()[0]:
            self.push_screen(numbered.provenance(screen))
        else:
            self.say("there is no number here")

    def action_leave(self) -> None:
        self.exit()

    def _end_by(self, number: signal.Signals) -> None:
        self.exit(return_code=128 + number)

    def on_terminal_gone(self, event: TerminalGone) -> None:
        self.exit(return_code=HANG_UP)

    def on_unmount(self) -> None:
        self.lookout.close()
        loop = asyncio.get_running_loop()
        for number, before in self._handlers.items():
            loop.remove_signal_handler(number)
            signal.signal(
                number, before
            )  # asyncio leaves the default, which would cut a clean-up after the screen short

    def action_suspend_process(self) -> None:
        self._at_suspension = self._session.snapshot()
        super().action_suspend_process()

    def _resumed(self, app: App[object]) -> None:
        before, self._at_suspension = self._at_suspension, None
        self._redraw_all()
        # What the ring holds is read and counted a moment after the threads run again.
        self.set_timer(0.3, lambda: self.packets.resumed(before, self._session.snapshot()))
