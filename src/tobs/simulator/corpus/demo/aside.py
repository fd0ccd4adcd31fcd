"""The smaller chats of the demo account; two of them are exported with the demo, the others are there to be listed."""

LUNCH = """
= 2026-02-01 09:00
* mira founds Sunday lunch
greta: Children, who comes on Sunday? I make roulades.
mira>: Me, and I bring the red cabbage.
jonas>2: Me, plus hunger.
= 2026-03-22 10:10
greta: Who has the big pan?
jonas>: Mira.
mira>: …I bring it.
= 2026-05-31 17:45
greta: [photo lunch-garden] That was lovely. The pan is still at my place, so nobody has to look for it. {❤️2!}
= 2026-06-25 08:00
greta: Next Sunday at one, in the garden if it holds.
"""

NOTES = """
= 2026-01-11 21:02
mira: Words for the founding speech: brass mark, 1962, “we all thought that someone did”.
= 2026-02-17 08:12
mira: https://example.org/statutes/small-association
= 2026-03-14 22:40
mira: [todo Spring | x Tyres | x Dentist | Call Aunt Teresa | Boots back to the shop]
= 2026-05-25 07:07
mira fwd=chiara: Melon on the Point. I did not believe it, and now I will never walk without one.
= 2026-06-20 23:15
mira: Wifi at Nordhaven: <code>gull-and-anchor</code>, guest network
"""

WEATHER = """
= 2026-05-22 05:30
mira: /start
weather: Good morning! Send me a place, and I tell you about its sky.
mira: [place 54.3498 | 10.1402]
weather: <b>Harbour, today</b>
    06–12  ☀️ 14°, wind west 3
    12–18  ⛅ 18°, wind west 4
    18–24  🌤 15°, wind southwest 2
    |
    No rain. A good day for a walk.
"""

BOOKS_BEFORE = """
= 2026-01-12 18:00
* ida founds Book club
ida: One book at a time, no homework.
hugo>: And biscuits. {😁3}
= 2026-01-19 21:10
ida: Nine want to join. I make us a supergroup, so that they can read what was before.
"""

BOOKS = """
= 2026-01-20 18:00
ida: Welcome to the book club! First book: <i>The Summer Book</i>.
hugo>: Tove Jansson? I am in.
greta: I have it in Swedish, does that count?
ida>: Double.
= 2026-04-14 18:30
hugo: Page 61 and already sad that it ends. The grandmother says what she thinks, and then she takes a nap.
greta>: My plan for retirement. {quote says what she thinks, ❤️4!}
= 2026-06-16 19:00
ida: [poll Next one? | A pirate story = 4 | Poems = 2 | The 44-page bridge report = 5]
"""

ALLOTMENT = """
= 2026-03-01 08:00
ida: Welcome! Please use the topics, otherwise we lose the beans again.
= 2026-06-10 07:30
ida: Watering plan for the holidays is in its topic.
"""

ALLOTMENT_TOPICS = {
    "Beans & beds": """
greta: Bed 4 is free this year. Who wants it?
jonas>: Me! I do not know anything.
greta>: Perfect, then you have nothing to unlearn. {😁3}
greta: [contact +49 431 5550123 | Frieda | Seeds & Soil] She sells you the good ones.
+ 60d
jonas: [photo beans] They climb!
jonas: [round bean-tour] A tour of bed 4.
""",
    "Watering plan": """
ida: [todo July | Week 27 (Greta) | Week 28 (Jonas) | Week 29 | Week 30]
hugo: I take 29.
""",
}

TALK = {
    "two gulls have hatched": """
+ 20m
greta>post: I sat below them this morning. They have opinions about my hat.
hugo>post: They have opinions about everything below them. {😁7}
anna>post: A picture of the hat, please!
""",
    "We make a pause": """
+ 2h
jonas>post: Have a good summer! Who tells me now when the oven of Jensen breaks?
ida>post: Your nose. {😁5 ❤️2}
""",
}
"""What is said below posts of the Gazette, by words of the post."""
