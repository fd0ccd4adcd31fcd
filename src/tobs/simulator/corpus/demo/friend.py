"""Two friends over half a year: a flat, a bread, a walk."""

PLAY = """
= 2026-01-02 10:12
chiara: Happy new year, my dear! 🎆 Did you survive Sara's lentils?
mira>: Barely. You?
chiara: I slept until <i>now</i>. So yes, very well.
mira: This year we do the walk along the coast. All of it. I say it in writing.
chiara>: I screenshot it. {❤️1!}
= 2026-01-10 18:33
chiara: [photo flat-kitchen] Saw a flat today. What do you say?
mira>: The kitchen! The tiles!! What is wrong with it?
chiara>: Fourth floor, no lift, and a landlord who says “cosy” for the bath.
mira: Can you sit in the bath?
chiara>: With your knees up, like a folded deckchair 😂
mira: And the light?
chiara>: South-west. In the evening the whole room is orange.
mira: Take it. One can fold oneself. {😁1!}
= 2026-01-13 07:55
chiara: THEY GAVE IT TO ME {🎉1!}
mira>: 🥳🥳🥳
mira: When do we carry?
chiara: 31 January. I have eleven boxes of books and no shame.
= 2026-01-30 21:20
mira: What time tomorrow? I bring Ben, he has arms.
chiara: 9:00. Breakfast is there. Old address first: Lindenweg 14, bell is broken, please throw something soft.
mira>: Noted: soft.
= 2026-01-31 19:47
chiara: [photo boxes-done] Look at it. <b>Look at it.</b>
chiara: I cannot move a finger and I have never been so happy. Thank you. Tell Ben that the wardrobe owes him its life.
mira>: He says the wardrobe should see a doctor. {😁1}
= 2026-02-12 07:31
chiara: Mira?? Are you all right? I read about the water.
mira>: All fine, we live on the hill. But the quay looks terrible. I go down now to help.
chiara: Take gloves. Write in the evening, please.
+ 12h
mira: Evening. Carried books for six hours, I know now how much a Brockhaus weighs. Everybody is whole.
chiara>: Good. Hot water, both feet, no discussion. ❤️
= 2026-02-22 15:04
chiara: Bread, day one. The recipe says: “The dough will tell you when it is ready.” Mine does not talk.
mira: Send a picture.
chiara: [photo dough-day-one]
mira>: It says: more water. And warmer. Put it on the shelf over the radiator.
chiara: You speak dough?!
mira>: My grandmother's only foreign language.
    |
    Here is hers, for one loaf:
    - 500 g flour, a third of it rye
    - 350 g water, hand-warm
    - 100 g starter that was fed in the evening
    - 10 g salt, <b>not before</b> the second fold
    |
    Fold four times, an hour between. Night in the cold. 250° with steam, then 220° until it sounds hollow. {pin, ❤️1}
* chiara pins
= 2026-02-24 08:15
chiara: [photo bread-one] I made a stone.
mira>: A handsome stone! How does it sound?
chiara: [voice bread-knock | 4]
mira>: Like a door. Ten minutes more next time.
= 2026-03-08 09:40
chiara: [photo bread-three] NUMBER THREE
mira>: 😭 It has ears! It is beautiful!
chiara: I ate half of it standing up.
mira: As it should be. {😁1}
= 2026-03-15 20:02
* chiara calls 47m
chiara: That was good. Sorry for the crying.
mira>: Never be sorry for that. And write to her, just two lines. She waits for it, I am sure.
= 2026-03-16 12:20
chiara: I did. She answered within a minute. <sp>We meet on Sunday.</sp>
mira>: ❤️❤️❤️
= 2026-04-05 11:11
mira: [photo easter-nest] From the garden, hidden by professionals (my niece, 4).
chiara>: She hid them all in one place?
mira: “So that they are not lonely.” {😁1 ❤️1}
= 2026-04-18 17:26
chiara: About the walk. I looked at maps. Three days, 58 km, with the ferry at the end it is possible.
    <pre>day 1  Harbour – Steinfurt   21 km
    day 2  Steinfurt – Point     22 km
    day 3  Point – Nordhaven     15 km + ferry</pre>
mira>: Which days?
chiara: 22 to 24 May? It is a full moon, and you have a private tide table.
mira: I ask it. High water on the 23rd at 16:10, so we cross the flats before noon. It works!
chiara: [file coast-walk.gpx | 210] The track, with water taps.
= 2026-05-01 13:37
mira: New boots or old boots?
chiara>: Old ones. Always old ones. Was that even a question?
mira: I have to return a pair of boots.
= 2026-05-21 22:15
chiara: Packed: 6.2 kg with water. You?
mira: 9.
chiara>: What is in there??
mira: A loaf. And a melon. {😁1}
= 2026-05-24 19:58
mira: I cannot feel my feet and I would start again tomorrow.
mira: [album coast-walk 8] My eight best ones. The fourth goes on the wall.
chiara>: The fourth!! With the heron!
chiara: [video ferry-sunset | 18]
chiara: Melon on the Point. I did not believe it, and now I will never walk without one.
mira>: #melon is on the list for every walk, for ever. {❤️1!}
= 2026-06-07 08:50
* chiara misses
chiara: Sorry, pocket 🙈
mira>: Your pocket has a lovely voice.
= 2026-06-14 18:09
chiara: She was here for dinner. We talked for five hours. She liked the bread and she <i>asked for the recipe</i>.
mira>: The circle closes. My grandmother would nod, once, which was a lot.
chiara: Thank you for March. {❤️1!}
= 2026-06-21 21:48
chiara: Longest day. The room is orange. Come up?
mira>: [place 54.3456 | 10.1288] I am already at the corner. Fourth floor, no lift, I know.
chiara: Bring nothing. There is bread.
"""
