"""The team that builds a tide gauge for a small harbour: January to March 2026."""

PLAY = """
= 2026-01-12 08:02
* mira creates Tidewatch
* mira adds anna ben emi hugo
mira: Good morning and welcome! 🌊 This is the room for the tide gauge. One rule: if it is decided here, somebody writes it down.
anna: Present. Coffee in hand.
ben: 👋
hugo: Hello from the harbour office. The quay is one sheet of ice today, please do not come by bike. {😱2 👍1!}
emi: おはよう! Good morning from the night shift 🌙
mira @plan: What we want by summer:
    |
    1. a gauge at the old pier that survives salt water
    2. a page that shows the level <b>now</b> and for the next 48 hours
    3. an alarm for the boats on the low berths
    |
    Everything else is nice to have. {pin, 🔥4 👍3!}
* mira pins
ben>plan: 4. a gauge that survives <i>Hugo's boat hook</i>
hugo>: That was one time.
anna>2: 😂 {😁5}
+ 2h
ben: I looked at what other harbours use. Most buy a radar sensor for 1,900 €. We can do ultrasonic for about 60 € if we live with ±1 cm.
emi>: ±1 cm is fine for people. Not fine for the model, but averaging over a minute gives maybe 3 mm.
ben>: Then ultrasonic it is. I order two, one to break.
mira>: Please order three. You always break two. {😁4 💯2}
= 2026-01-14 17:20
hugo: [photo pier-ice] Measured for the bracket. There is a good spot between the second and the third pile, out of the wash of the ferry.
anna>: Beautiful and terrible. How thick is that?
hugo>: Four centimetres on the ladder. I did not fall in, since you ask.
mira: What is the highest water that pile has seen?
hugo @mark: There is a brass mark from 1962, 3.41 m over chart datum. My grandfather's beard got wet, they say.
ben>mark: So the sensor goes to 4.20. {edit 4m}
emi>: 4.50 please. The sea does not read brass marks. {👍4!}
= 2026-01-19 09:11
anna: First sketch of the page. Big number, arrow up or down, curve below. Nothing else above the fold.
anna: [photo page-sketch-1]
mira>: I love the big number. Could the arrow be a small boat that goes up and down?
anna>: It could. It will not. {😁6}
emi: Colour-blind check: the two blues are the same to my father.
anna>: Good catch, I use a dashed line for the forecast then.
ben: Parcel is here! Three sensors, one already looks at me funny.
= 2026-01-21 19:45
ben @first: It lives!
    <pre python>import serial
    |
    with serial.Serial("/dev/ttyUSB0", 9600, timeout=2) as port:
        for line in port:
            millimetres = int(line.strip().removeprefix(b"R"))
            print(f"{millimetres / 1000:.3f} m")</pre>
ben: <pre>1.204 m
    1.204 m
    1.203 m
    4.998 m
    1.204 m</pre>
emi>: The 4.998 is an echo that never came back. Throw away everything that jumps more than 20 cm in a second.
ben>: A median over 9 readings does it as well, and I understand what a median is.
emi>: 👍 median. Write down the window, I need it later.
mira>first: 🎉🎉 What is 1.2 m away?
ben>: The ceiling. It is level with the sea tonight. {😁5!}
= 2026-01-27 07:58
hugo: Low water at 8:12, I am at the pile with the drill. If somebody wants to see how not to do it: now.
+ 40m
hugo: [video drilling | 21] Number one is in. Number two tomorrow, the drill is empty and so am I.
mira>: That is stainless, yes?
hugo>: A4, all of it. I have learned from the ladder.
anna: [sticker 💪]
= 2026-02-02 12:30
mira: Monday check, please be short:
    - what is done
    - what is next
    - what is in the way
anna: - page reads a JSON file, redraws each minute
    - next: the 48 hours
    - in the way: no data yet, I use a sine wave and feel like a fraud
ben: - box is tight (24 h in the rain barrel, dry inside)
    - next: power
    - in the way: the harbour office has 230 V, the pile has seaweed
emi: - tide model runs for our coordinates, eight constituents
    - next: learn the local offsets from data
    - in the way: see Anna
hugo: - both brackets are up
    - next: lunch
    - in the way: nothing, never {🔥3 😁4!}
mira>: Best report so far.
= 2026-02-05 16:05
ben @power: [poll How do we power the box? | Solar panel, 20 W = 4 | Cable along the pier = 1 | Batteries that Hugo changes = 0]
hugo: I feel seen by the third answer.
emi: Solar in February at 54° north gives about 25 Wh on a bad day. What does the box eat?
ben>: 0.9 W, so 22 Wh. Uncomfortable but true.
emi>: Sleep 50 seconds of each minute and we have a factor of four to spare.
ben>: Done before you pressed send.
mira>power: Solar it is. Hugo keeps his lunch break. {👍5!}
= 2026-02-09 21:14
emi fwd=gazette: A storm surge of up to 1.2 m above normal is possible in the night to Thursday.
emi>: Everybody: the box is not on the pile yet, right?
hugo>: It is in my kitchen, next to the bread.
ben: Could we borrow the moment? Two sensors on the quay wall, just taped, logging to a card. We would have a real surge to train on.
mira: Only if nobody stands on the quay after dark. I mean it.
hugo>: I put them up tomorrow at noon and take them down on Friday. Promise.
= 2026-02-12 06:40
hugo: The wall is still there. So are the sensors. The bench is not.
hugo: [album surge-morning 4] Six in the morning, water still 70 cm over the normal high.
anna>2: Oh no, the bench 😢 {😢4}
mira: Is everybody all right over there?
hugo>: Cellars are wet in Fischergasse, nobody hurt. We carried books out of the library until three.
ben: Do you need hands today? I can be there at ten with a pump.
hugo>: Yes. And bread. {❤️6!}
+ 9h
emi: I have the card. 31 hours, one reading a second, peak at <b>3.18 m at 03:52</b>. The model said 2.61. We now know what we do not know.
emi: [file surge-2026-02-12.csv | 4120]
ben: That little kink at 02:10, is that real?
hugo>: That was the ferry pontoon tearing off. So yes. {😱5}
= 2026-02-16 10:00
mira @council: The council called. After Thursday they want the alarm <b>before</b> the summer, and they pay for the mast. 3,800 €, half now. {🎉6! 🔥3}
anna: !!!
ben: I take back everything I said about the council in 2023.
hugo>council: Who signs?
mira>: We need an association for that. Seven people, a name and a statute. Anybody who has done it before?
anna>: My aunt. She founded four, two on purpose. I ask her. {😁5}
= 2026-02-18 18:22
anna: Aunt Teresa says: take the template of the state, change nothing but the purpose, meet once, take minutes, everybody signs. And buy good wine for the notary.
anna: [file statute-draft-1.pdf | 88] Here it is, please read §2 and §9.
emi: §9 says that on dissolution all goes to “the sea rescue”. I like that.
ben: Can the purpose have a footnote? “…including the boat as arrow”
anna>: No. {😁4!}
= 2026-02-24 19:00
mira: [place 54.3512 | 10.1375 | Zur Alten Waage | Hafenstraße 11] Thursday at 19:00, back room. Founding meeting, soup, signatures.
* mira adds ida jonas
ida: Hi everyone! I bring the stamp. And a cake that looks like a buoy 🌿
jonas: Hello! I can do the bookkeeping as long as nobody hands me receipts in a jam jar.
hugo>: Define jar. {😁6}
= 2026-02-26 22:48
mira: [photo founding] Founded! Tidewatch e.V., seven founders, one abstention on the logo.
jonas: For the minutes: Mira chair, Anna deputy, me treasurer, Hugo “keeper of the pile”, by acclamation.
anna: [voice anna-song | 23]
ben>: I will never unhear that. {❤️4 😁3!}
= 2026-03-03 08:15
jonas @budget: Budget as it stands:
    <pre>income   council, 1st half    1,900.00
             founders, 7 x 50       350.00
    spent    sensors                 -71.40
             solar, charger         -64.90
             stainless steel       -112.35
             wine for the notary    -19.80
    left                          1,981.55</pre>
mira>: It adds up on the first try. Who are you?
jonas>: I also round correctly. {🔥5!}
= 2026-03-09 13:37
ben: New firmware, please do not laugh at the name:
    <code>tidebox 0.3.0 “low expectations”</code>
    |
    - sleeps 50 s of each minute
    - keeps 14 days if the line is down
    - sends the battery voltage along
    - <s>plays a shanty on startup</s> (Mira said no)
hugo>: I did not say no.
ben>: You are keeper of the pile, not of the speaker.
emi: Voltage is gold, thank you. Which unit?
ben>: Millivolts, integer. I still have nightmares from the float thing.
= 2026-03-14 09:01
anna: Somebody wrote to us!! The sailing club in Nordhaven asks if the page can show <i>their</i> harbour, too.
mira: Let us say: gladly, after summer.
ida: I would answer “yes, and would you like to test the alarm?” People who feel invited wait more patiently.
mira>: Ida writes to them. {👍5!}
ida>: On it ✍️
= 2026-03-20 05:59
emi: Spring begins, equinox springs too: the highest tides of the quarter are today and tomorrow. If the box goes on the pile this weekend, we catch them.
hugo: Low water on Saturday at 13:20, two hours on both sides. I have a boat, a ladder and rolls.
ben: I have a box, silicone and fear.
jonas: I have the insurance number. {😁6!}
= 2026-03-21 14:42
hugo: [photo box-on-pile] It is up. It blinks. The gulls are already judging it.
ben: First packet: <code>2026-03-21T14:40:00Z 0.412 m 12961 mV</code>
emi: Model says 0.39. I will frame this.
anna: The page shows it. The big number is REAL. I am crying a little at the till of the garden centre.
mira>: Everybody stop what you are doing and look at https://tidewatch.example.org for a minute. We made that. {❤️8! 🎉6}
ida: [gif happy-otter]
= 2026-03-29 00:58
emi: Clocks change in two minutes. Let us see who stored local time 👀
+ 4m
emi: The curve has no hole and no double hour. UTC everywhere. I am proud of us.
ben>: It is three in the morning, Emi.
emi>: It is 10 a.m. in Sendai and, thanks to you, 01:03 in the database. {😁5! 🤓3}
"""
