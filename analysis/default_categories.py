"""The default categories with example phrases.

They cover what people dictate, record and upload. Settings can name others.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

# Each phrase sounds like a sentence from such a recording, not like a description of it; the model compares meanings,
# so phrases of one category differ in topic and share only what makes the category.
DEFAULT_CATEGORIES: Mapping[str, Sequence[str]] = MappingProxyType(
    {
        "Meeting": (
            "Let's go through the agenda and start with last week's action items.",
            "Can everyone give a short status update on the project?",
            "We agreed to move the deadline, and Anna will send the minutes to the team.",
            "The next point is the roadmap for the third quarter.",
            "Does anybody object to this decision? Then we will meet again on Thursday.",
            "Our team needs two more people before the release.",
            "Welcome, everyone; is everybody here? Then let's begin with the first topic.",
            "Who takes notes, and who will follow up on the open points?",
        ),
        "Interview": (
            "Tell me about yourself and why you applied for this position.",
            "What would you say is your greatest strength, and how did you handle conflict in your last job?",
            "Thank you for talking to me today. How did you first become a musician?",
            "Could you describe what it was like growing up there?",
            "My next question is about your early career. What inspired you?",
            "Do you have any questions for us before we finish the interview?",
            "Can you give an example of a situation where you solved a hard problem at work?",
            "Why should we hire you, and what did you learn at your previous company?",
        ),
        "Lecture": (
            "Today we will look at the causes of the French Revolution.",
            "As we saw in the last lecture, this theorem follows from the definition.",
            "In cells, energy from food is stored in a molecule called ATP.",
            "Please open your textbooks at chapter four; this will be on the exam.",
            "Let me explain the concept with an example on the board.",
            "Philosophers from Plato to Kant have asked what we can know.",
            "In the eighteenth century the empire declined, and scholars still debate the reasons.",
            "Who can tell me the formula we derived in class last time?",
        ),
        "To-do": (
            "Remember to buy milk, eggs and bread on the way home.",
            "Note to self: call the plumber and pay the electricity bill.",
            "I must not forget to renew my passport and book the dentist.",
            "Things to do today: do the laundry, water the plants, pick up the parcel.",
            "Remind me to send that email tomorrow morning.",
            "Shopping list: tomatoes, rice, olive oil and toothpaste.",
        ),
        "Journal": (
            "Dear diary, today I felt sad and a little lonely.",
            "I woke up early this morning and I am grateful for my family.",
            "Looking back on this year, I have learned a lot about myself.",
            "I have been feeling anxious lately and I don't know why.",
            "It was a good day. I went for a long walk and thought about my life.",
            "I am proud of how I handled that, even though I was scared.",
        ),
        "News": (
            "The prime minister announced new measures in parliament on Monday.",
            "Police said that two people were injured in a fire last night.",
            "Good evening, here are tonight's headlines.",
            "Heavy storms hit the coast, leaving thousands of homes without power.",
            "The election results are expected this evening, our correspondent reports.",
            "The United Nations called for a ceasefire in the region.",
            "The government passed a law despite criticism from the opposition and demonstrations in the streets.",
            "Officials say the death toll has risen after the flood.",
        ),
        "Sales call": (
            "I would love to show you a demo of our product.",
            "What is your budget, and who makes the buying decision?",
            "We can offer you a discount of ten percent if you sign this month.",
            "Our premium plan includes unlimited users and costs fifty dollars per month.",
            "How does our solution compare to the vendor you use today?",
            "I will send you the proposal and a quote by Friday.",
        ),
        "Support call": (
            "Thank you for calling customer service. How can I help you?",
            "My order has not arrived and I would like a refund.",
            "Have you tried turning the router off and on again?",
            "I cannot log in to my account. It says the password is wrong.",
            "I am sorry for the inconvenience; let me open a ticket for you.",
            "The device stopped working after a week and I want to return it.",
        ),
        "Medical": (
            "The patient complains of chest pain and shortness of breath.",
            "Blood pressure is one hundred and forty over ninety; we start medication.",
            "How long have you had this headache, and do you take any medicine?",
            "The X-ray shows a fracture of the left wrist.",
            "She was diagnosed with type two diabetes and prescribed metformin.",
            "After the surgery the wound is healing without infection.",
            "Take this medicine three times a day, and see your doctor if the pain gets worse.",
            "The test results show a virus; the nurse will give you an injection.",
        ),
        "Legal": (
            "The tenant shall pay the rent on the first day of each month under this contract.",
            "Your Honour, the defendant pleads not guilty.",
            "The witness is under oath and testified before the court.",
            "Either party may terminate this agreement in writing.",
            "We will file a lawsuit for breach of contract and claim damages.",
            "My lawyer advised me about my rights and the custody hearing.",
        ),
        "Finance": (
            "The company's quarterly revenue rose while its profit fell.",
            "Stocks fell after the central bank raised interest rates.",
            "I want to invest in index funds and save for retirement.",
            "We have to file the tax return and balance the accounts.",
            "The mortgage has a fixed rate for ten years.",
            "Our cash flow is negative and the loan is due in May.",
        ),
        "Technology": (
            "The server crashed because the database ran out of memory.",
            "We fixed the bug in the code and deployed the new version of the software.",
            "The new smartphone has a faster processor and a better camera.",
            "Machine learning models are trained on large amounts of data.",
            "The API returns JSON, and the front end is written in JavaScript.",
            "Install the update and restart your computer.",
            "We moved our application to the cloud, and the network latency went down.",
            "Run the tests, review the pull request and merge the branch.",
        ),
        "Story": (
            "Once upon a time there lived an old king in a castle by the sea.",
            "It was a dark night, and the stranger knocked three times at the door.",
            "She looked at him in silence, and the candle trembled in her hand.",
            "Chapter one. The house on the hill had been empty for many years.",
            "O gentle wind, that sings among the trees, carry my sorrow away.",
            "It was an age of kings and queens, of light and of darkness, of hope and of despair.",
        ),
        "Travel": (
            "We are flying to Lisbon and have booked a hotel near the beach.",
            "The train to the airport leaves at nine from platform four.",
            "On our trip through Japan we visited temples and tasted street food.",
            "Turn left after the museum, and the old town is right in front of you.",
            "Do we need a visa, and how much luggage can we take?",
            "The view from the mountain was the best part of our holiday.",
            "We missed our connecting flight and had to stay overnight near the airport.",
            "After the border we drove through small villages to the coast.",
        ),
        "Cooking": (
            "Chop the onions and fry them in butter until they are golden.",
            "Preheat the oven and bake the cake for forty minutes.",
            "Add a pinch of salt and let the soup simmer.",
            "Knead the dough, cover it and let it rise for an hour.",
            "This recipe serves four people and needs two cups of flour.",
            "Marinate the chicken overnight in garlic and lemon juice.",
        ),
        "Small talk": (
            "Hi, how are you? Long time no see.",
            "Nice weather today, isn't it? Any plans for the weekend?",
            "Did you watch the match last night? What a goal.",
            "Happy birthday! Say hello to your parents from me.",
            "Mum, it's me. I'll be home for dinner around seven, love you.",
            "Haha, that's so funny. Anyway, what have you been up to?",
        ),
    }
)
