"""The sandbox's Amazon Q Developer in chat applications, formerly AWS Chatbot."""
