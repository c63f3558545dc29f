"""Pieces of pages: a question before what can't be undone, a secret that is shown once, a list that can be searched."""

from typing import Any

from streamlit.testing.v1 import AppTest


def script(body: Any, **values: Any) -> AppTest:
    return AppTest.from_function(body, default_timeout=30, kwargs=values).run()


def deleting(fails: bool) -> None:
    import streamlit as st

    from app.components import asking
    from models.errors import Conflict

    def act() -> None:
        if fails:
            raise Conflict("It is gone already")
        st.session_state["done"] = True

    if st.button("Delete"):
        asking.ask("delete")
    asking.confirm("delete", "Delete it?", "<b>It</b> will be gone.", "Yes, delete", act)


def words(app: AppTest) -> str:
    return " ".join(element.proto.body for element in app.get("html"))


def press(app: AppTest, label: str) -> AppTest:
    return next(button for button in app.button if button.label == label).click().run()


def test_nothing_happens_before_it_is_confirmed() -> None:
    app = press(script(deleting, fails=False), "Delete")
    assert "&lt;b&gt;It&lt;/b&gt; will be gone." in words(app)
    assert "done" not in app.session_state
    app = press(app, "Yes, delete")
    assert app.session_state["done"] is True
    assert "will be gone" not in words(app)


def test_the_way_back_changes_nothing() -> None:
    app = press(press(script(deleting, fails=False), "Delete"), "Cancel")
    assert "will be gone" not in words(app)
    assert "done" not in app.session_state


def test_what_is_wrong_is_told_where_it_was_asked() -> None:
    app = press(press(script(deleting, fails=True), "Delete"), "Yes, delete")
    assert "It is gone already" in words(app)
    assert "will be gone" in words(app)


def showing() -> None:
    import streamlit as st

    from app.components import secret

    if st.button("Make"):
        secret.show("keys", "Your new key", "fth_live_x", "Shown once.")
    secret.draw("keys")


def test_a_secret_is_shown_until_it_is_kept() -> None:
    app = press(script(showing), "Make")
    app = press(app, "Make") if not app.code else app
    assert [block.value for block in app.code] == ["fth_live_x"]
    app = press(app, "I have kept it")
    assert not app.code


def listed(number: int) -> None:
    import streamlit as st

    from app.components import listing

    for item in listing.shown("keys", [f"key {each}" for each in range(number)], str):
        st.text(item)


def test_a_short_list_is_shown_whole() -> None:
    app = script(listed, number=3)
    assert [each.value for each in app.text] == ["key 0", "key 1", "key 2"]
    assert not app.text_input


def test_a_long_one_is_searched_and_turned() -> None:
    app = script(listed, number=60)
    assert len(app.text) == 25
    app.text_input[0].set_value("KEY 59").run()
    assert [each.value for each in app.text] == ["key 59"]
